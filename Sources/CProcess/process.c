#include "CProcess.h"

#include <limits.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t wpgo_fork(void) { return fork(); }

_Noreturn void wpgo_exit_child(int status) { _exit(status); }

void wpgo_limit_time(unsigned seconds) {
  struct itimerval timer = {.it_value = {.tv_sec = seconds}};
  setitimer(ITIMER_PROF, &timer, NULL);
  enum { waiting_factor = 10 };
  alarm(seconds < UINT_MAX / waiting_factor ? seconds * waiting_factor : UINT_MAX);
}

int wpgo_met_limit(int status) {
  return WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM);
}

static volatile sig_atomic_t interrupt;
static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};

static void note(int number) { interrupt = number; }

static void handle_interrupts(void (*handler)(int)) {
  // Without SA_RESTART: what waits for a child is to return.
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  for (unsigned i = 0; i < sizeof interrupts / sizeof interrupts[0]; i++) {
    struct sigaction old;
    // What the parent process wants to be ignored (nohup) stays so.
    if (sigaction(interrupts[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(interrupts[i], &action, NULL);
  }
}

void wpgo_note_interrupts(void) { handle_interrupts(note); }

int wpgo_interrupt(void) { return interrupt; }

void wpgo_stop_noting_interrupts(void) { handle_interrupts(SIG_DFL); }
