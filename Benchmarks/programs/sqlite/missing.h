// What SQLite's Unix file layer wants and WASI has not. A preopened directory has one user and no modes.
#pragma once
#include <sys/types.h>

static inline int fchmod(int descriptor, mode_t mode) { return (void)descriptor, (void)mode, 0; }
static inline int fchown(int descriptor, uid_t user, gid_t group) { return (void)descriptor, (void)user, (void)group, 0; }
static inline uid_t geteuid(void) { return 1; }
static inline mode_t umask(mode_t mode) { return (void)mode, 0; }

// Only names: with unix-none nothing is locked.
#include <fcntl.h>
enum { F_GETLK = 5, F_SETLK = 6, F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2 };
