// What Swift's Glibc does not offer of processes.
#pragma once
#include <sys/types.h>

// What main got.
int wpgo_argument_count(void);
char **wpgo_arguments(void);

// The path of this process's executable, for free(3), or NULL.
char *wpgo_executable(void);

// A variable of the environment, or NULL; also where the process has more rights than who started it.
const char *wpgo_trusted_variable(const char *name);

// fork(2) of a child that is killed when the thread that made it ends. Only for a process that has one thread.
pid_t wpgo_fork(void);

// Ends the process without running exit handlers: for a child of wpgo_fork.
_Noreturn void wpgo_exit_child(int status);

// Ends this process once it has used so many more seconds of processor time: while a busy machine lets others run, none of them passes. One
// that only waits is ended after ten times as many seconds of any kind.
void wpgo_limit_time(unsigned seconds);

// From now on this process looks now and then, by its processor time, at what it has used since: above so many nanoseconds of processor
// time it exits with the first status, above so many bytes of memory with the second. Zero: no limit. Memory is what the process
// holds, not what it reserved; without /proc it is not limited.
void wpgo_limit_worker(
    long long nanoseconds, long long bytes, int time_status, int memory_status);

// Whether this is how a process ended, by its status as waitpid gives it.
int wpgo_met_limit(int status);

// From now on SIGINT, SIGTERM and SIGHUP end the process no longer, but waiting for children returns with EINTR.
void wpgo_note_interrupts(void);

// After this time, and every tenth of a second from then on, SIGALRM counts as one of them.
void wpgo_note_timeout(double nanoseconds);

// The last of these signals that came; 0 for none.
int wpgo_interrupt(void);

// Back to the default.
void wpgo_stop_noting_interrupts(void);
