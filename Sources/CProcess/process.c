#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

// glibc calls constructors as it calls main. Swift's own CommandLine reads /proc, which need not be mounted.
__attribute__((constructor)) static void note_arguments(int count, char **vector) {
  argument_count = count;
  arguments = vector;
}

int wpgo_argument_count(void) { return argument_count; }

char **wpgo_arguments(void) { return arguments; }

char *wpgo_executable(void) {
  char path[PATH_MAX + 1];
  ssize_t count = readlink("/proc/self/exe", path, PATH_MAX);
  if (count > 0) return strndup(path, (size_t)count);
  // Without /proc: the name by which the kernel found it, good as long as the directory is the same.
  const char *name = (const char *)getauxval(AT_EXECFN);
  return name ? realpath(name, NULL) : NULL;
}

const char *wpgo_trusted_variable(const char *name) { return secure_getenv(name); }

pid_t wpgo_fork(void) {
  pid_t parent = getpid();
  pid_t process = fork();
  if (process != 0) return process;
  // Nobody would read what it comes to.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  return 0;
}

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

// Set before the signal that reads them can come.
static struct {
  long long nanoseconds, bytes;
  int time_status, memory_status;
} worker;

// For a signal handler. 0 without /proc.
static long long resident_bytes(void) {
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[128];
  ssize_t count = read(file, text, sizeof text);
  close(file);
  long long pages = 0;
  ssize_t i = 0;
  // The second number.
  while (i < count && text[i] != ' ') i++;
  for (i++; i < count && text[i] >= '0' && text[i] <= '9'; i++) pages = 10 * pages + text[i] - '0';
  return pages * sysconf(_SC_PAGESIZE);
}

static long long processor_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void check_worker(int number) {
  (void)number;
  int saved = errno;
  if (worker.nanoseconds && processor_time() > worker.nanoseconds) _exit(worker.time_status);
  if (worker.bytes && resident_bytes() > worker.bytes) _exit(worker.memory_status);
  errno = saved;
}

void wpgo_limit_worker(
    long long nanoseconds, long long bytes, int time_status, int memory_status) {
  if (!nanoseconds && !bytes) return;
  worker.nanoseconds = nanoseconds ? processor_time() + nanoseconds : 0;
  worker.bytes = bytes ? resident_bytes() + bytes : 0;
  worker.time_status = time_status;
  worker.memory_status = memory_status;
  struct sigaction action = {.sa_handler = check_worker, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGPROF, &action, NULL);
  // Often enough that little more is used, seldom enough not to be felt: two system calls, and a file of /proc.
  enum { microseconds = 20000 };
  struct itimerval timer = {
      .it_value = {.tv_usec = microseconds}, .it_interval = {.tv_usec = microseconds}};
  setitimer(ITIMER_PROF, &timer, NULL);
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

void wpgo_note_timeout(double nanoseconds) {
  struct sigaction action = {.sa_handler = note};
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, NULL);
  double seconds = nanoseconds / 1e9;
  struct itimerval timer = {
      .it_value = {.tv_sec = (time_t)seconds,
                   .tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)},
      // Again and again: the first may come right before a call that waits.
      .it_interval = {.tv_usec = 100000}};
  if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) timer.it_value.tv_usec = 1;
  setitimer(ITIMER_REAL, &timer, NULL);
}

void wpgo_stop_noting_interrupts(void) { handle_interrupts(SIG_DFL); }
