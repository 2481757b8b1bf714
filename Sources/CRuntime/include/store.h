// Going from the host into wasm code and back. All wasm code of a store runs on the store's own stack, all host
// code on the stack of the thread that entered.
#pragma once
#include "interrupt.h"

#include <stddef.h>
#include <stdint.h>

struct wpgo_range {
  uintptr_t start;
  uintptr_t end;
};

// What contexts point to at ContextLayout.store.
struct wpgo_store {
  // The host's stack pointer at the innermost entry; host code that wasm calls runs below it.
  void *host_sp;
  // Where the next entry's frames go, 16-byte aligned, and the frame they are chained to (0 for the first).
  void *wasm_sp;
  void *wasm_fp;
  // The last trap: TrapCode, TrapPlace.raw or all ones, the return address (or the faulting instruction's
  // address + 1), the frame pointer that belongs to that address, the context or 0.
  uint64_t trap_code;
  uint64_t trap_location;
  uint64_t trap_pc;
  uint64_t trap_fp;
  void *trap_context;
  // Inaccessible pages below the stack.
  struct wpgo_range stack_guard;
  // Reservations of the store's memories.
  const struct wpgo_range *memories;
  uint64_t memory_count;
  // Never null.
  struct wpgo_interrupt *interrupt;
  // Of the last trap, if a signal raised it: the general registers, by number.
  uint64_t trap_registers[16];
  // The exception that ended the last call that returned wpgo_threw, or that a host function throws.
  struct wpgo_exception *thrown;
  // Their records. Never null.
  struct wpgo_exceptions *exceptions;
  // End of the stack, and what else may hold references of code that runs.
  uintptr_t stack_top;
  const void *overflow_area;
  uint64_t overflow_size;
  // Optimized code, ascending.
  struct wpgo_frames *frames;
  uint64_t frame_count;
};

// Whether the store of an instance's context is to be interrupted. What runs long or often outside of
// wasm code asks this.
static inline int wpgo_is_interrupted(const void *context) {
  // ContextLayout.store is 0, and wpgo_host_context begins with it.
  const struct wpgo_store *store = *(const struct wpgo_store *const *)context;
  return wpgo_interrupt_requested(store->interrupt) != 0;
}

// Registers of the canonical prototype: rsi, rdx, rcx, r8, r9 and xmm0…xmm7 going in; rax, rdx in the
// first two integers and xmm0, xmm1 coming back. The sixth integer is scratch.
struct wpgo_registers {
  uint64_t integer[6];
  double vector[8][2];
};

// The context of a host function: rdi when wasm code calls it.
struct wpgo_host_context {
  struct wpgo_store *store;
  // Called on the host's stack. Returns 0, a TrapCode to raise, or wpgo_throws.
  uint64_t (*handler)(struct wpgo_host_context *context, struct wpgo_registers *registers);
  // For the handler.
  void *owner;
};

// What the handler of a host function returns to throw the store's `thrown`; no TrapCode.
enum { wpgo_throws = 256 };

enum wpgo_status {
  wpgo_returned = 0,
  wpgo_trapped = 1,
  // The thread's own stack is nearly used up: nothing was called.
  wpgo_host_stack_exhausted = 2,
  // No memory for the thread's signal stack: nothing was called.
  wpgo_no_signal_stack = 3,
  // An interruption was requested before the call began: nothing was called.
  wpgo_interrupted = 4,
  // An exception that the code did not catch is the store's `thrown`. The fields of the last trap tell where it was thrown.
  wpgo_threw = 5,
};

// Calls `code` on the store's stack. Results are in `registers` if it returns wpgo_returned.
int wpgo_call(
    struct wpgo_store *store, const void *code, void *context, struct wpgo_registers *registers);

// FuncRefLayout.code of host functions.
const void *wpgo_host_call_stub(void);
// ContextLayout.trapStub.
const void *wpgo_trap_stub(void);
// Jumped to with a function index in eax: compiles the function, then goes on there with all arguments.
const void *wpgo_lazy_stub(void);

// At least as many as there are in RuntimeCall; the rest is room for more.
#define WPGO_RUNTIME_CALLS 32
// What ContextLayout.runtimeCalls points to: thunks that switch stacks and call what is registered below.
const void *wpgo_runtime_call_table(void);

// Registered once, before any code runs. Both run on the host's stack: the implementation of a RuntimeCall that
// calls.h does not have;
// and what compiles `function` for an instance and returns its address, or null where that failed (then
// TrapCode.hostError is raised).
void wpgo_set_runtime_call(int call, const void *function);
void wpgo_set_lazy_handler(const void *(*handler)(void *context, uint32_t function));
