// Forbids executable memory, once all code is loaded.
#pragma once

enum {
  // The calling thread and those that it creates from then on; or all of the process.
  wpgo_forbid_thread = 0,
  wpgo_forbid_process = 1,
};

// From now on the kernel refuses (EPERM) to make memory executable, and wpgo_code_allocate and wpgo_code_write fail, though for
// wpgo_forbid_thread these only in the calling thread. Cannot be undone. Returns 0, or an error number: EBUSY if the process
// already has memory for machine code that could be written to (wpgo_forbid_process only).
int wpgo_forbid_executable_memory(int scope);

// Whether it is forbidden to the calling thread.
int wpgo_executable_memory_is_forbidden(void);
