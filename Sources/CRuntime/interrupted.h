// What the signal handler needs to know of interrupt.c.
#pragma once
#include <signal.h>

// Whether a signal is one that interrupt.c sent.
int wpgo_is_interrupt_signal(const siginfo_t *info);
