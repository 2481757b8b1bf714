// Ends the wasm code that a store runs, from any thread. Compiled code has no part in it: a signal goes to the thread
// that runs the store, and the handler redirects wasm code to the trap path, wherever it is. Anywhere else (host functions,
// the runtime, stubs) the signal does nothing but end system calls with EINTR; the request stays, and the signal
// is sent again every millisecond until it meets wasm code, or the store leaves the runtime and finds the request.
#pragma once
#include <stdint.h>

// The signal's number, of which handlers are installed by then: the one that was chosen; else SIGURG, which is ignored by
// default and hardly used; else, where the host handles that, the last real-time signal, one that nobody handles if
// there is one. So the host's own signals keep their flags: ours has to end system calls, theirs may want to restart them.
int wpgo_interrupt_signal(void);
// Chooses it. Returns 0 if it cannot be handled, or if another one is in use already.
int wpgo_choose_interrupt_signal(int signal);

enum {
  // Why: asked for, or a deadline passed.
  wpgo_interrupt_asked = 1,
  wpgo_interrupt_late = 2,
};

struct wpgo_interrupt {
  // 0, or a set of the above. Accessed atomically.
  uint32_t requested;
  // Linux's number of the thread that is in wpgo_call for the store, 0 for none. Accessed atomically.
  int32_t thread;
  // When the last signal was sent, 0 once it was met, or the thread left. Accessed atomically.
  uint64_t signalled;
  // The rest is the watching thread's, under its lock.
  uint64_t deadline;
  uint32_t is_watched, idle_looks;
  struct wpgo_interrupt *next;
};

// Null without memory.
struct wpgo_interrupt *wpgo_interrupt_create(void);
void wpgo_interrupt_free(struct wpgo_interrupt *interrupt);

// Makes a request. It is done with once it has ended an outermost call of the store: the one that runs, or the next.
void wpgo_interrupt_request(struct wpgo_interrupt *interrupt);
// Takes requests back: a set of the reasons above.
void wpgo_interrupt_clear(struct wpgo_interrupt *interrupt, uint32_t reasons);
// A request will be made at `deadline`, in nanoseconds of CLOCK_MONOTONIC, which ends all calls until it is cleared; 0 for
// never. Returns the one before, 0 if there was none or it has passed. *is_watching becomes 0 if no thread could be made to watch it.
uint64_t wpgo_interrupt_set_deadline(
    struct wpgo_interrupt *interrupt, uint64_t deadline, int *is_watching);

static inline uint32_t wpgo_interrupt_requested(const struct wpgo_interrupt *interrupt) {
  return __atomic_load_n(&interrupt->requested, __ATOMIC_RELAXED);
}
