// The thread that watches deadlines and sends signals. It is made when it is first needed, waits while there is nothing to
// watch, and never ends.
#define _GNU_SOURCE
#include "interrupt.h"
#include "interrupted.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Between two signals to a thread that has not met the first.
enum { period = 1000000 };
// A signal that was not met after so long is lost: its thread ended, or a handler of the host's took it.
static const uint64_t patience = 100 * period;
// A store whose thread is not seen after so many looks runs no call; the next one finds the request when it begins.
enum { looks = 3 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct wpgo_interrupt *watched;
static int is_running;
// When the watching thread looks again by itself.
static uint64_t next_look = UINT64_MAX;

// What makes a signal one of ours: its value.
const char wpgo_interrupt_mark;

int wpgo_is_interrupt_signal(const siginfo_t *info) {
  return (info->si_code == SI_QUEUE || info->si_code == SI_TIMER) &&
         info->si_value.sival_ptr == &wpgo_interrupt_mark;
}

// A thread that has ended meanwhile, or left the runtime, takes no harm from it.
static void signal_thread(int32_t thread) {
  int signal = wpgo_interrupt_signal();
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = signal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = (void *)&wpgo_interrupt_mark;
  syscall(SYS_rt_tgsigqueueinfo, info.si_pid, thread, signal, &info);
}

// One at a time: however often it is asked, signals do not pile up.
static void signal_once(struct wpgo_interrupt *interrupt, int32_t thread, uint64_t time) {
  uint64_t sent = __atomic_load_n(&interrupt->signalled, __ATOMIC_RELAXED);
  if (sent && time < sent + patience) return;
  __atomic_store_n(&interrupt->signalled, time, __ATOMIC_RELAXED);
  signal_thread(thread);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// The signal handler reads it.
static void set_deadline(struct wpgo_interrupt *interrupt, uint64_t deadline) {
  __atomic_store_n(&interrupt->deadline, deadline, __ATOMIC_SEQ_CST);
}

int wpgo_is_due(struct wpgo_interrupt *interrupt) {
  uint64_t deadline = __atomic_load_n(&interrupt->deadline, __ATOMIC_SEQ_CST);
  if (deadline && now() >= deadline)
    __atomic_fetch_or(&interrupt->requested, wpgo_interrupt_late, __ATOMIC_SEQ_CST);
  return wpgo_interrupt_requested(interrupt) != 0;
}

// Does what is due, and returns when to look again; all ones for never.
static uint64_t look(struct wpgo_interrupt *interrupt, uint64_t time) {
  if (interrupt->deadline && time >= interrupt->deadline) {
    __atomic_fetch_or(&interrupt->requested, wpgo_interrupt_late, __ATOMIC_SEQ_CST);
    set_deadline(interrupt, 0);
    interrupt->idle_looks = 0;
  }
  if (wpgo_interrupt_requested(interrupt)) {
    int32_t thread = __atomic_load_n(&interrupt->thread, __ATOMIC_SEQ_CST);
    if (thread) signal_once(interrupt, thread, time);
    interrupt->idle_looks = thread ? 0 : interrupt->idle_looks + 1;
    if (interrupt->idle_looks < looks) return time + period;
  }
  return interrupt->deadline ? interrupt->deadline : UINT64_MAX;
}

static uint64_t look_at_all(void) {
  uint64_t time = now(), next = UINT64_MAX;
  for (struct wpgo_interrupt **link = &watched; *link;) {
    struct wpgo_interrupt *interrupt = *link;
    uint64_t again = look(interrupt, time);
    if (again == UINT64_MAX) {
      *link = interrupt->next;
      interrupt->is_watched = 0;
      continue;
    }
    if (again < next) next = again;
    link = &interrupt->next;
  }
  return next;
}

// Asks for short turns: a thread that wants little is let in sooner where there are more threads than processors
// (Linux 6.12 and later; elsewhere this is ignored).
static void take_short_turns(void) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {.size = sizeof attributes, .policy = SCHED_OTHER, .runtime = 100000};
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

static void *watch(void *unused) {
  (void)unused;
  take_short_turns();
  pthread_mutex_lock(&lock);
  for (;;) {
    next_look = look_at_all();
    struct timespec until = {
        .tv_sec = (time_t)(next_look / 1000000000u), .tv_nsec = (long)(next_look % 1000000000u)};
    if (next_look == UINT64_MAX) pthread_cond_wait(&changed, &lock);
    else pthread_cond_timedwait(&changed, &lock, &until);
  }
  return NULL;
}

// The host's signals are not this thread's: one that waits for them by sigwait blocks them in all of its threads. What faults raise,
// and SIGPROF, by which profilers and Swift's crash reports stop each thread, nobody waits for; of real-time signals
// those stay blocked that the calling thread blocks.
static void block_foreign_signals(sigset_t *mask) {
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
  for (int signal = 1; signal < 32; signal++) sigaddset(mask, signal);
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++) sigdelset(mask, own[i]);
  sigaddset(mask, wpgo_interrupt_signal());
}

// Under the lock. Returns 0 if no thread can be made.
static int start(void) {
  if (is_running) return 1;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&changed, &attributes);
  pthread_condattr_destroy(&attributes);
  sigset_t mask, before;
  pthread_sigmask(SIG_BLOCK, NULL, &before);
  mask = before;
  block_foreign_signals(&mask);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  pthread_attr_t thread_attributes;
  pthread_attr_init(&thread_attributes);
  pthread_attr_setdetachstate(&thread_attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&thread_attributes, 256 * 1024);
  pthread_t thread;
  next_look = UINT64_MAX;
  is_running = pthread_create(&thread, &thread_attributes, watch, NULL) == 0;
  if (is_running) pthread_setname_np(thread, "wasm-pgo watch");
  pthread_attr_destroy(&thread_attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return is_running;
}

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void in_parent(void) { pthread_mutex_unlock(&lock); }

// Threads do not survive a fork. What was watched is watched again as soon as there is anything new.
static void in_child(void) {
  is_running = 0;
  for (struct wpgo_interrupt *next = watched; next; next = next->next) wpgo_interrupt_answered(next);
  pthread_mutex_unlock(&lock);
}

static void register_fork_handlers(void) { pthread_atfork(before_fork, in_parent, in_child); }

struct wpgo_interrupt *wpgo_interrupt_create(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_fork_handlers);
  return calloc(1, sizeof(struct wpgo_interrupt));
}

void wpgo_interrupt_free(struct wpgo_interrupt *interrupt) {
  if (!interrupt) return;
  pthread_mutex_lock(&lock);
  for (struct wpgo_interrupt **link = &watched; *link; link = &(*link)->next) {
    if (*link != interrupt) continue;
    *link = interrupt->next;
    break;
  }
  pthread_mutex_unlock(&lock);
  free(interrupt);
}

// Under the lock. Returns whether it is, from `time` on. The thread is not woken up if it will look before that: deadlines that are set
// and taken back, again and again, cost no more than the lock.
static int be_watched(struct wpgo_interrupt *interrupt, uint64_t time) {
  interrupt->idle_looks = 0;
  if (!interrupt->is_watched) {
    interrupt->next = watched;
    watched = interrupt;
    interrupt->is_watched = 1;
  }
  if (!start()) return 0;
  if (time < next_look) {
    next_look = time;
    pthread_cond_signal(&changed);
  }
  return 1;
}

void wpgo_interrupt_request(struct wpgo_interrupt *interrupt) {
  // Whoever asked first does the rest, and then the watching thread.
  if (__atomic_fetch_or(&interrupt->requested, wpgo_interrupt_asked, __ATOMIC_SEQ_CST) &
      wpgo_interrupt_asked)
    return;
  pthread_mutex_lock(&lock);
  uint64_t time = now();
  be_watched(interrupt, time + period);
  // Not to wait for the watching thread to wake up.
  look(interrupt, time);
  pthread_mutex_unlock(&lock);
}

void wpgo_interrupt_clear(struct wpgo_interrupt *interrupt, uint32_t reasons) {
  __atomic_fetch_and(&interrupt->requested, ~reasons, __ATOMIC_SEQ_CST);
}

uint64_t wpgo_interrupt_set_deadline(
    struct wpgo_interrupt *interrupt, uint64_t deadline, int *is_watching) {
  pthread_mutex_lock(&lock);
  uint64_t before = interrupt->deadline;
  set_deadline(interrupt, deadline);
  *is_watching = deadline ? be_watched(interrupt, deadline) : 1;
  pthread_mutex_unlock(&lock);
  return before;
}
