// What wasm.h lacks: artefacts, WASI, limits, timeouts, recording, statistics.
//
// Ownership is wasm.h's: `own` results are the caller's to delete, `own` parameters go over to the callee, everything else is borrowed for the
// call. A store, and all that was made in it, is used by one thread at a time; functions that any thread may call at any time say so. Different stores
// are independent. A function that fails returns NULL, or false, or an empty vector, and leaves why: wasm_pgo_last_error(). Pointers must not be NULL
// unless it says so.
#ifndef WASM_PGO_H
#define WASM_PGO_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

#define own

///////////////////////////////////////////////////////////////////////////////
// Version and features. Any thread.

// The library's version, "MAJOR.MINOR.PATCH". Static.
WASM_API_EXTERN const char* wasm_pgo_version(void);

// The version of what artefacts rely on: only those with the same number are loaded.
WASM_API_EXTERN uint32_t wasm_pgo_artefact_version(void);

// Whether modules may use a feature, by its name in the tool conventions ("simd", "exceptions", "memory64"), or "compiler": whether
// wasm-pgo-compile is installed, which wasm_module_serialize needs.
WASM_API_EXTERN bool wasm_pgo_has_feature(const char* name);

///////////////////////////////////////////////////////////////////////////////
// Errors

typedef uint8_t wasm_pgo_error_t;
enum wasm_pgo_error_enum {
  WASM_PGO_OK,
  WASM_PGO_INVALID_MODULE,   // Malformed, invalid, or needs an unsupported feature; the message has the byte offset.
  WASM_PGO_INVALID_ARTEFACT, // Corrupt, of another version, or for another CPU.
  WASM_PGO_LINK,             // An import that is missing or does not match.
  WASM_PGO_RESOURCE,         // A limit, or no memory or address space.
  WASM_PGO_USAGE,            // A wrong argument: a value of another type, an object of another store.
  WASM_PGO_SYSTEM,           // A file, a directory, or the compiler, that cannot be used.
  WASM_PGO_TRAP,             // Wasm code or a host function trapped; the message is the trap's.
};

// What the last function that failed on this thread says about it; "" if none has. It stays until another one fails: look at it only after a
// failure. Static for the thread; long messages are cut. wasm.h's functions leave it too.
WASM_API_EXTERN const char* wasm_pgo_last_error(void);
WASM_API_EXTERN wasm_pgo_error_t wasm_pgo_last_error_kind(void);

typedef uint8_t wasm_pgo_level_t;
enum wasm_pgo_level_enum { WASM_PGO_ERROR, WASM_PGO_WARNING, WASM_PGO_INFO };

// Gets every failure (as wasm_pgo_last_error has it), and what is worth knowing else: modules loaded, the compiler run. The message is valid during
// the call. Called on the thread where it happens, several at once; must not call this API.
typedef void (*wasm_pgo_log_callback_t)(void* env, wasm_pgo_level_t level, const char* message);

// For the whole process; NULL: none, as at first. Any thread; the callback before may still be running when this returns.
WASM_API_EXTERN void wasm_pgo_set_log(wasm_pgo_log_callback_t, void* env);

///////////////////////////////////////////////////////////////////////////////
// Limits of the stores of an engine, set before wasm_engine_new_with_config takes the configuration. What is beyond a limit fails with
// WASM_PGO_RESOURCE; memory.grow and table.grow return -1.

// Pages of 64 KiB of each memory (262,144 at first).
WASM_API_EXTERN void wasm_pgo_config_set_memory_pages(wasm_config_t*, uint64_t);
// Elements of all tables of a store together (10,000,000).
WASM_API_EXTERN void wasm_pgo_config_set_table_elements(wasm_config_t*, uint64_t);
// Bytes of the stack that a store's wasm code runs on (8 MiB).
WASM_API_EXTERN void wasm_pgo_config_set_stack_size(wasm_config_t*, uint64_t);
// Instances of a store: they live as long as it does (no limit).
WASM_API_EXTERN void wasm_pgo_config_set_instances(wasm_config_t*, uint64_t);
// Bytes of the exceptions that code keeps (1 GiB).
WASM_API_EXTERN void wasm_pgo_config_set_exception_bytes(wasm_config_t*, uint64_t);

///////////////////////////////////////////////////////////////////////////////
// Timeouts and interruption. Both end the outermost call that the store runs (a function, an instantiation) with a trap of code
// WASM_PGO_TRAP_INTERRUPTED, within a millisecond or so. Host functions are not broken off: their system calls end with EINTR.

// Limits each outermost call into the store, from the next on; 0: no limit, as at first.
WASM_API_EXTERN void wasm_pgo_store_set_timeout(wasm_store_t*, uint64_t nanoseconds);

// Interrupts a store. Its functions may be called by any thread at any time, also when the store is gone.
typedef struct wasm_pgo_interrupter_t wasm_pgo_interrupter_t;
WASM_API_EXTERN own wasm_pgo_interrupter_t* wasm_pgo_interrupter_new(wasm_store_t*);
WASM_API_EXTERN void wasm_pgo_interrupter_delete(own wasm_pgo_interrupter_t*);
// Ends the call that the store runs, or its next one if it runs none.
WASM_API_EXTERN void wasm_pgo_interrupter_interrupt(wasm_pgo_interrupter_t*);
// Takes that back if it has not ended a call yet.
WASM_API_EXTERN void wasm_pgo_interrupter_clear(wasm_pgo_interrupter_t*);
// Whether there is a request that has not ended a call yet: for host functions that wait.
WASM_API_EXTERN bool wasm_pgo_interrupter_is_requested(const wasm_pgo_interrupter_t*);

///////////////////////////////////////////////////////////////////////////////
// Traps

// Why a trap happened. Numbers of wasm's own reasons are those of TrapCode in the Swift API.
typedef uint8_t wasm_pgo_trap_code_t;
enum wasm_pgo_trap_code_enum {
  WASM_PGO_TRAP_HOST = 0,  // wasm_trap_new, or a failure of this API: wasm_trap_message says what.
  WASM_PGO_TRAP_UNREACHABLE = 1,
  WASM_PGO_TRAP_INTEGER_DIVIDE_BY_ZERO = 2,
  WASM_PGO_TRAP_INTEGER_OVERFLOW = 3,
  WASM_PGO_TRAP_INVALID_CONVERSION_TO_INTEGER = 4,
  WASM_PGO_TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS = 5,
  WASM_PGO_TRAP_OUT_OF_BOUNDS_TABLE_ACCESS = 6,
  WASM_PGO_TRAP_UNDEFINED_ELEMENT = 7,
  WASM_PGO_TRAP_UNINITIALIZED_ELEMENT = 8,
  WASM_PGO_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 9,
  WASM_PGO_TRAP_STACK_OVERFLOW = 10,
  WASM_PGO_TRAP_INTERRUPTED = 12,
  WASM_PGO_TRAP_UNALIGNED_ATOMIC = 13,
  WASM_PGO_TRAP_EXPECTED_SHARED_MEMORY = 14,
  WASM_PGO_TRAP_NULL_FUNCTION_REFERENCE = 15,
  WASM_PGO_TRAP_NULL_REFERENCE = 16,
  WASM_PGO_TRAP_NULL_EXCEPTION = 17,
  WASM_PGO_TRAP_EXCEPTIONS_EXHAUSTED = 18,
  WASM_PGO_TRAP_EXCEPTION = 254,  // Wasm code threw an exception that nothing caught.
  WASM_PGO_TRAP_EXIT = 255,       // The guest called proc_exit.
};
WASM_API_EXTERN wasm_pgo_trap_code_t wasm_pgo_trap_code(const wasm_trap_t*);

// What the guest passed to proc_exit; 0 unless the code is WASM_PGO_TRAP_EXIT.
WASM_API_EXTERN uint32_t wasm_pgo_trap_exit_status(const wasm_trap_t*);

///////////////////////////////////////////////////////////////////////////////
// Types beyond wasm.h's. Values of these types cannot be passed: calls of functions with them fail with WASM_PGO_USAGE.

enum wasm_pgo_valkind_enum { WASM_PGO_V128 = 4, WASM_PGO_EXNREF = 130 };
// Tags can be exported and handed on as imports.
enum wasm_pgo_externkind_enum { WASM_PGO_EXTERN_TAG = 4 };

///////////////////////////////////////////////////////////////////////////////
// Artefacts: modules with code that wasm-pgo compile made. Trusted like the program itself: SECURITY.md. wasm_module_deserialize takes one from
// memory.

// Loads a file, .so or .o. It is mapped: while it is used, replace it by rename only.
WASM_API_EXTERN own wasm_module_t* wasm_pgo_module_load(wasm_store_t*, const char* path);

// Loads an artefact that is linked into the program, by the symbol that `wasm-pgo compile -o NAME.o --symbol NAME` defines:
//   extern const wasm_pgo_artefact_t NAME;
//   … wasm_pgo_module_linked(store, &NAME)
typedef struct wasm_pgo_artefact_t wasm_pgo_artefact_t;
WASM_API_EXTERN own wasm_module_t* wasm_pgo_module_linked(wasm_store_t*, const wasm_pgo_artefact_t*);

// Whether the module has compiled code, so that it runs without making any.
WASM_API_EXTERN bool wasm_pgo_module_is_compiled(const wasm_module_t*);

// Checks what loading leaves until it is first used. True for modules without compiled code.
WASM_API_EXTERN bool wasm_pgo_module_check(const wasm_module_t*);

///////////////////////////////////////////////////////////////////////////////
// WASI, preview 1

// What a guest may use. A new one grants nothing: no arguments, empty input, output discarded, no files.
typedef struct wasm_pgo_wasi_config_t wasm_pgo_wasi_config_t;
WASM_API_EXTERN own wasm_pgo_wasi_config_t* wasm_pgo_wasi_config_new(void);
WASM_API_EXTERN void wasm_pgo_wasi_config_delete(own wasm_pgo_wasi_config_t*);
// The first is the program's name. Copied, as all strings and bytes here are.
WASM_API_EXTERN void wasm_pgo_wasi_config_set_args(
  wasm_pgo_wasi_config_t*, size_t count, const char* const arguments[]);
// Replaces a variable of the same name.
WASM_API_EXTERN void wasm_pgo_wasi_config_set_env(
  wasm_pgo_wasi_config_t*, const char* name, const char* value);
// All variables of this process.
WASM_API_EXTERN void wasm_pgo_wasi_config_inherit_env(wasm_pgo_wasi_config_t*);
// A directory of the host, under the guest's name for it. It is opened by wasm_pgo_wasi_new.
WASM_API_EXTERN void wasm_pgo_wasi_config_add_directory(
  wasm_pgo_wasi_config_t*, const char* host_path, const char* guest_path, bool read_only);
// All three streams of this process.
WASM_API_EXTERN void wasm_pgo_wasi_config_inherit_streams(wasm_pgo_wasi_config_t*);
// Descriptors of the host, which keeps and closes them after the guest has ended. `stream` is 0, 1 or 2.
WASM_API_EXTERN void wasm_pgo_wasi_config_set_descriptor(
  wasm_pgo_wasi_config_t*, int stream, int descriptor);
WASM_API_EXTERN void wasm_pgo_wasi_config_set_input(
  wasm_pgo_wasi_config_t*, const void* bytes, size_t count);
// Collects output or errors (`stream` is 1 or 2) for wasm_pgo_wasi_output; writes beyond `limit` bytes fail in the guest.
WASM_API_EXTERN void wasm_pgo_wasi_config_set_buffer(
  wasm_pgo_wasi_config_t*, int stream, size_t limit);

// The WASI of one guest. Keep it as long as the guest's instance is used.
typedef struct wasm_pgo_wasi_t wasm_pgo_wasi_t;
// Fails if something cannot be granted: WASM_PGO_SYSTEM.
WASM_API_EXTERN own wasm_pgo_wasi_t* wasm_pgo_wasi_new(
  wasm_store_t*, own wasm_pgo_wasi_config_t*);
WASM_API_EXTERN void wasm_pgo_wasi_delete(own wasm_pgo_wasi_t*);
// What the guest wrote to a buffer so far; empty for other streams. Any thread.
WASM_API_EXTERN void wasm_pgo_wasi_output(
  const wasm_pgo_wasi_t*, int stream, own wasm_byte_vec_t* out);

// Instantiates a module for WASI, as wasm_instance_new does otherwise. An import that is NULL is taken from WASI; `imports` may be NULL for none but
// those. `trap` may be NULL. The module must export its memory as "memory". A WASI serves one instance.
WASM_API_EXTERN own wasm_instance_t* wasm_pgo_wasi_instance_new(
  wasm_pgo_wasi_t*, const wasm_module_t*, const wasm_extern_vec_t* imports, own wasm_trap_t** trap);

// Runs a command (_start), or initializes a reactor (_initialize), to be done before anything else is called. NULL when it returned or called
// proc_exit(0); other statuses are a trap of code WASM_PGO_TRAP_EXIT.
WASM_API_EXTERN own wasm_trap_t* wasm_pgo_wasi_start(wasm_instance_t*);

///////////////////////////////////////////////////////////////////////////////
// Finding exports

// The export of this name; NULL if there is none.
WASM_API_EXTERN own wasm_extern_t* wasm_pgo_instance_export(
  const wasm_instance_t*, const char* name);

///////////////////////////////////////////////////////////////////////////////
// Recording: profiles for wasm-pgo compile, of what instances of plain modules do. A program needs none of this if it is started with
// WASM_PGO_PROFILE=NAME in its environment. Modules with compiled code count nothing.

// Records modules, each into a profile of its own, whatever their instances do in any number of stores and threads. The name may have parts: %p is
// the number of the process, %t the time in seconds, %m the module's hash, %% a percent sign. Where it does not tell modules apart, the second and further
// ones get names with their hashes. NULL: no files; wasm_pgo_module_profile has the profiles.
//
// A profile is there from when the first instance's code is about to run, takes the place of a file of its name, and can be read at any time and however the
// process ends. If it cannot be made, instantiation fails: WASM_PGO_SYSTEM. A process that is forked has profiles of its own, with its number
// in their names (app.4711.wasmprof), from its first new instance on; instances that its parent made count in the parent's.
typedef struct wasm_pgo_recording_t wasm_pgo_recording_t;
// Fails if the name has other parts: WASM_PGO_USAGE.
WASM_API_EXTERN own wasm_pgo_recording_t* wasm_pgo_recording_new(const char* name);
// What uses it keeps it. With its last user, it finishes, as below.
WASM_API_EXTERN void wasm_pgo_recording_delete(own wasm_pgo_recording_t*);

// Has all modules recorded that wasm_module_new makes in stores of the engine; the recording counts before the environment's.
WASM_API_EXTERN void wasm_pgo_config_set_recording(wasm_config_t*, wasm_pgo_recording_t*);
// The same for one store, from the next module on; NULL: the engine's does not count either.
WASM_API_EXTERN void wasm_pgo_store_set_recording(wasm_store_t*, wasm_pgo_recording_t*);

// Puts the compact form, of what was counted so far, in the place of each profile that is there. What is counted later is in it when this is called again.
// False if one cannot be written (WASM_PGO_SYSTEM); the others are. Any thread.
WASM_API_EXTERN bool wasm_pgo_recording_finish(wasm_pgo_recording_t*);

// The profile of a module in compact form, of what was counted so far, for the host to store. Empty if the module is not recorded: WASM_PGO_USAGE.
// Any thread.
WASM_API_EXTERN void wasm_pgo_module_profile(const wasm_module_t*, own wasm_byte_vec_t* out);

///////////////////////////////////////////////////////////////////////////////
// Statistics

typedef struct wasm_pgo_module_statistics_t {
  uint64_t baseline_functions;    // Functions that this process compiled, for all stores.
  uint64_t baseline_code_bytes;
  uint64_t baseline_nanoseconds;
} wasm_pgo_module_statistics_t;
WASM_API_EXTERN void wasm_pgo_module_statistics(
  const wasm_module_t*, wasm_pgo_module_statistics_t* out);

// A guard of compiled code that failed.
typedef struct wasm_pgo_miss_t {
  uint32_t function;       // The function of the guarded call, by index.
  uint32_t compiled_in;    // The function into whose code it was inlined, or the same.
  size_t module_offset;    // Of the call, in bytes.
  uint64_t count;
} wasm_pgo_miss_t;

// How often guards of an instance's compiled code failed.
WASM_API_EXTERN uint64_t wasm_pgo_instance_miss_count(const wasm_instance_t*);

// Copies what guards failed into `out`, of room for `capacity`, which may be 0. The result is how many there are.
WASM_API_EXTERN size_t wasm_pgo_instance_misses(
  const wasm_instance_t*, wasm_pgo_miss_t out[], size_t capacity);

#undef own

#ifdef __cplusplus
}
#endif

#endif
