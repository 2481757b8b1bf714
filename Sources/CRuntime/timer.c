// A timer for each thread that runs calls with a deadline. The kernel sends the signal from its clock's interrupt, so that it
// comes in time where the watching thread would have to wait for a processor.
#define _GNU_SOURCE
#include "interrupted.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static __thread struct {
  timer_t timer;
  int exists;
  uint64_t deadline;
} own __attribute__((tls_model("initial-exec")));

static pthread_key_t key;

// When the thread ends. A timer_t may be 0, which a key does not keep.
static void remove_timer(void *value) { timer_delete((timer_t)((uintptr_t)value - 1)); }

static void make_key(void) { pthread_key_create(&key, remove_timer); }

static int make_timer(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_key);
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = wpgo_interrupt_signal();
  event.sigev_value.sival_ptr = (void *)&wpgo_interrupt_mark;
  event.sigev_notify_thread_id = gettid();
  if (timer_create(CLOCK_MONOTONIC, &event, &own.timer) != 0) return 0;
  pthread_setspecific(key, (void *)((uintptr_t)own.timer + 1));
  return own.exists = 1;
}

uint64_t wpgo_arm_timer(uint64_t deadline) {
  uint64_t before = own.deadline;
  // Without a timer the watching thread does it alone.
  if (deadline == before || (!own.exists && !make_timer())) return before;
  struct itimerspec times = {
      .it_value = {.tv_sec = (time_t)(deadline / 1000000000u),
                   .tv_nsec = (long)(deadline % 1000000000u)},
      .it_interval = {.tv_sec = 0, .tv_nsec = 1000000},
  };
  timer_settime(own.timer, TIMER_ABSTIME, &times, NULL);
  own.deadline = deadline;
  return before;
}

void wpgo_forget_timer(void) {
  own.exists = 0;
  own.deadline = 0;
}
