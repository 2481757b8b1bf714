// Faults of wasm code become traps, and so do interruptions; all other signals go to the handlers that were installed before.
#pragma once
#include <stdint.h>

// Installs the handlers of SIGSEGV, SIGBUS, SIGFPE, SIGILL and the signal of interruptions, once a process.
void wpgo_install_signal_handlers(void);

// Gives the calling thread a signal stack unless it has one with room for several signals. Returns 0 without memory.
int wpgo_install_signal_stack(void);

// Machine code whose faults are traps. The handle removes the range again; null without memory.
struct wpgo_code_range *wpgo_add_code(uintptr_t start, uintptr_t end);
void wpgo_remove_code(struct wpgo_code_range *range);
int wpgo_is_code(uintptr_t address);
