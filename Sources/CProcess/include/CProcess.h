// What Swift's Glibc does not offer of processes.
#pragma once
#include <sys/types.h>

// fork(2). Only for a process that has one thread.
pid_t wpgo_fork(void);

// Ends the process without running exit handlers: for a child of wpgo_fork.
_Noreturn void wpgo_exit_child(int status);
