// Entering wasm code: per-thread preparation, then the trampoline in enter.S.
#define _GNU_SOURCE
#include "exceptions.h"
#include "interrupted.h"
#include "layout.h"
#include "signals.h"
#include "store.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define CHECK(type, field, offset) \
  _Static_assert(offsetof(struct type, field) == (offset), #field)
CHECK(wpgo_store, host_sp, STORE_HOST_SP);
CHECK(wpgo_store, wasm_sp, STORE_WASM_SP);
CHECK(wpgo_store, wasm_fp, STORE_WASM_FP);
CHECK(wpgo_store, trap_code, STORE_TRAP_CODE);
CHECK(wpgo_store, trap_location, STORE_TRAP_LOCATION);
CHECK(wpgo_store, trap_pc, STORE_TRAP_PC);
CHECK(wpgo_store, trap_fp, STORE_TRAP_FP);
CHECK(wpgo_store, trap_context, STORE_TRAP_CONTEXT);
CHECK(wpgo_store, interrupt, STORE_INTERRUPT);
CHECK(wpgo_interrupt, requested, INTERRUPT_REQUESTED);
CHECK(wpgo_registers, integer, REGISTERS_INTEGER);
CHECK(wpgo_registers, vector, REGISTERS_VECTOR);
CHECK(wpgo_host_context, store, CONTEXT_STORE);
CHECK(wpgo_host_context, handler, HOST_HANDLER);
_Static_assert(sizeof(struct wpgo_registers) == REGISTERS_SIZE, "wpgo_registers");

#define HIDDEN __attribute__((visibility("hidden")))

// In enter.S.
extern const char wpgo_host_call[] HIDDEN, wpgo_trap[] HIDDEN, wpgo_lazy[] HIDDEN;
extern const void *const wpgo_runtime_thunks[WPGO_RUNTIME_CALLS] HIDDEN;
int wpgo_enter(
    struct wpgo_store *store, const void *code, void *context, struct wpgo_registers *registers)
    HIDDEN;

// Read by enter.S.
const void *(*wpgo_lazy_handler)(void *context, uint32_t function) HIDDEN;
const void *wpgo_runtime_functions[WPGO_RUNTIME_CALLS] HIDDEN;

const void *wpgo_host_call_stub(void) { return wpgo_host_call; }
const void *wpgo_trap_stub(void) { return wpgo_trap; }
const void *wpgo_lazy_stub(void) { return wpgo_lazy; }
const void *wpgo_runtime_call_table(void) { return wpgo_runtime_thunks; }

void wpgo_set_runtime_call(int call, const void *function) {
  wpgo_runtime_functions[call] = function;
}

void wpgo_set_lazy_handler(const void *(*handler)(void *context, uint32_t function)) {
  wpgo_lazy_handler = handler;
}

// Initial-exec: the signal handler reads it, and must not allocate.
__thread struct wpgo_store *wpgo_current __attribute__((tls_model("initial-exec")));

// The part of the thread's own stack from which wasm code is not entered, so that host functions and compilations
// have room.
static __thread struct {
  uintptr_t low, high;
  // Linux's number of the thread; 0 until it is prepared.
  int32_t id;
} thread __attribute__((tls_model("initial-exec")));

// A child's thread has another number.
static void in_child(void) {
  thread.id = 0;
  wpgo_forget_timer();
}

static void register_fork_handler(void) { pthread_atfork(NULL, NULL, in_child); }

static int prepare_thread(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_fork_handler);
  if (!wpgo_install_signal_stack()) return 0;
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, wpgo_interrupt_signal());
  pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
  pthread_attr_t attributes;
  void *start;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
      size_t room = size / 4 < 256 * 1024 ? size / 4 : 256 * 1024;
      thread.low = (uintptr_t)start;
      thread.high = (uintptr_t)start + room;
    }
    pthread_attr_destroy(&attributes);
  }
  thread.id = (int32_t)gettid();
  return 1;
}

int wpgo_call(
    struct wpgo_store *store, const void *code, void *context, struct wpgo_registers *registers) {
  if (!thread.id && !prepare_thread()) return wpgo_no_signal_stack;
  // A stack that is not the thread's own (a coroutine's) has bounds that nobody knows.
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (here >= thread.low && here < thread.high) return wpgo_host_stack_exhausted;
  // No code of the store runs.
  if (!store->host_sp) wpgo_exceptions_collect(store);
  struct wpgo_interrupt *interrupt = store->interrupt;
  struct wpgo_store *outer = wpgo_current;
  int32_t outer_thread = __atomic_load_n(&interrupt->thread, __ATOMIC_RELAXED);
  wpgo_interrupt_answered(interrupt);
  // A request that is made between these two lines sees the thread, or is seen, or (stores and loads may change places)
  // neither: then the next look of the watching thread sees it.
  __atomic_store_n(&interrupt->thread, thread.id, __ATOMIC_RELAXED);
  uint64_t deadline = __atomic_load_n(&interrupt->deadline, __ATOMIC_RELAXED);
  uint64_t armed = deadline ? wpgo_arm_timer(deadline) : 0;
  int status = wpgo_interrupted;
  if (!wpgo_interrupt_requested(interrupt)) {
    wpgo_current = store;
    status = wpgo_enter(store, code, context, registers);
    wpgo_current = outer;
  }
  if (deadline) wpgo_arm_timer(armed);
  __atomic_store_n(&interrupt->thread, outer_thread, __ATOMIC_RELAXED);
  // A signal for the outer call may have come while this one ran.
  if (outer) wpgo_interrupt_answered(outer->interrupt);
  // An outermost call has ended by it.
  if (status != wpgo_returned && status != wpgo_threw && !outer_thread &&
      wpgo_interrupt_requested(interrupt))
    wpgo_interrupt_clear(interrupt, wpgo_interrupt_asked);
  return status;
}
