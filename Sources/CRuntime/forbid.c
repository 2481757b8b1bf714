// A seccomp filter (seccomp(2)) on all system calls that can make memory executable: mmap, mprotect and pkey_mprotect with PROT_EXEC,
// shmat with SHM_EXEC, personality (READ_IMPLIES_EXEC), and memfd_create, which would give them something to map. System calls
// of other ABIs (i386, x32) are refused altogether, since their numbers mean something else.
#define _GNU_SOURCE
#include "forbid.h"
#include "mapping.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int process_is_forbidden;
static _Thread_local int thread_is_forbidden;

int wpgo_executable_memory_is_forbidden(void) {
  return thread_is_forbidden || atomic_load(&process_is_forbidden);
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
// The low half of an argument, on a little-endian machine.
#define LOAD_ARGUMENT(n) LOAD(args[n])
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define SKIP_UNLESS_EQUAL(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count)
// Refuses a system call if a bit of an argument is set.
#define REFUSE_IF_SET(call, argument, bit)                                                \
  SKIP_UNLESS_EQUAL(call, 4), LOAD_ARGUMENT(argument),                                    \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bit, 0, 1), REFUSE, ALLOW

static struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
    REFUSE,
    LOAD(nr),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),  // __X32_SYSCALL_BIT
    REFUSE,
    REFUSE_IF_SET(SYS_mmap, 2, PROT_EXEC),
    REFUSE_IF_SET(SYS_mprotect, 2, PROT_EXEC),
    REFUSE_IF_SET(SYS_pkey_mprotect, 2, PROT_EXEC),
    REFUSE_IF_SET(SYS_shmat, 2, SHM_EXEC),
    SKIP_UNLESS_EQUAL(SYS_personality, 1),
    REFUSE,
    SKIP_UNLESS_EQUAL(SYS_memfd_create, 1),
    REFUSE,
    ALLOW,
};

int wpgo_forbid_executable_memory(int scope) {
  int is_process = scope == wpgo_forbid_process;
  if (is_process) {
    // First, so that no other thread gets memory in between.
    atomic_store(&process_is_forbidden, 1);
    if (wpgo_code_exists()) {
      atomic_store(&process_is_forbidden, 0);
      return EBUSY;
    }
  }
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  unsigned flags = is_process ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  // Without the first, only a privileged process may install a filter.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) != 0) {
    int error = errno;
    if (is_process) atomic_store(&process_is_forbidden, 0);
    return error;
  }
  thread_is_forbidden = 1;
  return 0;
}
