// What the signal handler and the entry need of interrupt.c and timer.c.
#pragma once
#include "interrupt.h"

#include <signal.h>

// Its address is the value of the signals.
extern const char wpgo_interrupt_mark __attribute__((visibility("hidden")));

// Whether a signal is one that interrupt.c sent.
int wpgo_is_interrupt_signal(const siginfo_t *info);

// Whether there is a request, or should be, its deadline being over: then it is made. For the signal handler.
int wpgo_is_due(struct wpgo_interrupt *interrupt);

// The signal sent last, if any, was met; or nobody waits for it any more.
static inline void wpgo_interrupt_answered(struct wpgo_interrupt *interrupt) {
  __atomic_store_n(&interrupt->signalled, 0, __ATOMIC_RELAXED);
}

// Has the kernel send the signal to the calling thread at `deadline` and every millisecond from then on; 0 for not at all.
// Returns the deadline before.
uint64_t wpgo_arm_timer(uint64_t deadline);
// The calling thread has no timer: it is that of a child.
void wpgo_forget_timer(void);
