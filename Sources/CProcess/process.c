#include "CProcess.h"

#include <unistd.h>

pid_t wpgo_fork(void) { return fork(); }

_Noreturn void wpgo_exit_child(int status) { _exit(status); }
