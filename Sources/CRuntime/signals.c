#define _GNU_SOURCE
#include "signals.h"
#include "interrupted.h"
#include "layout.h"
#include "store.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

extern __thread struct wpgo_store *wpgo_current __attribute__((tls_model("initial-exec")));
extern const char wpgo_trap_fault[] __attribute__((visibility("hidden")));

// TrapCode
enum {
  unreachable = 1,
  divide_by_zero = 2,
  memory_out_of_bounds = 5,
  stack_overflow = 10,
  interrupted = 12,
};

static const int handled[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, WPGO_INTERRUPT_SIGNAL};
enum { handled_count = sizeof handled / sizeof *handled };
static struct sigaction previous[handled_count];

static int contains(struct wpgo_range range, uintptr_t address) {
  return address >= range.start && address < range.end;
}

// The trap that a fault of wasm code stands for, 0 if it stands for none.
static uint64_t trap_code(const struct wpgo_store *store, int signal, uintptr_t address) {
  if (signal == SIGFPE) return divide_by_zero;
  if (signal == SIGILL) return unreachable;
  if (contains(store->stack_guard, address)) return stack_overflow;
  for (uint64_t i = 0; i < store->memory_count; i++)
    if (contains(store->memories[i], address)) return memory_out_of_bounds;
  return 0;
}

// Leaves wasm code at `pc` for the trap path, which restores what the entry trampoline saved: so it may be any
// instruction, with the stack in any state.
static void trap(struct wpgo_store *store, uint64_t code, ucontext_t *context) {
  greg_t *registers = context->uc_mcontext.gregs;
  uintptr_t pc = (uintptr_t)registers[REG_RIP];
  store->trap_sp = (uint64_t)registers[REG_RSP];
  registers[REG_RIP] = (greg_t)(uintptr_t)wpgo_trap_fault;
  registers[REG_RDI] = (greg_t)(uintptr_t)store;
  registers[REG_RSI] = (greg_t)code;
  registers[REG_RDX] = (greg_t)(pc + 1);
  registers[REG_EFL] &= ~0x400;  // the direction flag
}

static int is_in_code(const ucontext_t *context) {
  return wpgo_is_code((uintptr_t)context->uc_mcontext.gregs[REG_RIP]);
}

// Returns whether the signal was one of this runtime's.
static int redirect(int signal, siginfo_t *info, ucontext_t *context) {
  struct wpgo_store *store = wpgo_current;
  if (signal == WPGO_INTERRUPT_SIGNAL) {
    if (!wpgo_is_interrupt_signal(info)) return 0;
    if (store && wpgo_is_due(store->interrupt) && is_in_code(context))
      trap(store, interrupted, context);
    return 1;
  }
  // A signal that was sent (si_code <= 0) is not a fault of the code that it happened to interrupt.
  if (!store || info->si_code <= 0 || !is_in_code(context)) return 0;
  uint64_t code = trap_code(store, signal, (uintptr_t)info->si_addr);
  if (code) trap(store, code, context);
  return code != 0;
}

static void set_default(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, NULL);
}

// As the kernel would have delivered it to the handler that was there before.
static void chain(struct sigaction *action, int signal, siginfo_t *info, void *context) {
  struct sigaction handler = *action;
  if (!(handler.sa_flags & SA_SIGINFO)) {
    if (handler.sa_handler == SIG_IGN && info->si_code <= 0) return;
    if (handler.sa_handler == SIG_DFL || handler.sa_handler == SIG_IGN) {
      if (signal == WPGO_INTERRUPT_SIGNAL) return;  // ignored by default, and never a fault
      // A fault happens again once this handler returns; a signal that was sent has to be sent again.
      set_default(signal);
      if (info->si_code <= 0) raise(signal);
      return;
    }
  }
  sigset_t mask = handler.sa_mask, old;
  if (!(handler.sa_flags & SA_NODEFER)) sigaddset(&mask, signal);
  pthread_sigmask(SIG_BLOCK, &mask, &old);
  if (handler.sa_flags & SA_RESETHAND) {
    action->sa_flags &= ~SA_SIGINFO;
    action->sa_handler = SIG_DFL;
  }
  if (handler.sa_flags & SA_SIGINFO)
    handler.sa_sigaction(signal, info, context);
  else
    handler.sa_handler(signal);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void handle(int signal, siginfo_t *info, void *context) {
  if (redirect(signal, info, context)) return;
  for (int i = 0; i < handled_count; i++)
    if (handled[i] == signal) chain(&previous[i], signal, info, context);
}

static void install(void) {
  for (int i = 0; i < handled_count; i++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    // NODEFER: a handler further down the chain may fault itself, or leave by siglongjmp.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(handled[i], &action, &previous[i]);
  }
}

void wpgo_install_signal_handlers(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

// MARK: Signal stacks

enum { signal_stack_size = 64 * 1024, guard_size = 4096 };

static pthread_key_t signal_stack_key;

static void remove_signal_stack(void *base) {
  stack_t current, none = {.ss_flags = SS_DISABLE};
  if (sigaltstack(NULL, &current) == 0 && current.ss_sp == (char *)base + guard_size)
    sigaltstack(&none, NULL);
  munmap(base, guard_size + signal_stack_size);
}

static void make_key(void) { pthread_key_create(&signal_stack_key, remove_signal_stack); }

int wpgo_install_signal_stack(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_key);
  stack_t current;
  if (sigaltstack(NULL, &current) == 0 && !(current.ss_flags & SS_DISABLE) &&
      current.ss_size >= signal_stack_size / 4)
    return 1;
  char *base = mmap(NULL, guard_size + signal_stack_size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return 0;
  mprotect(base, guard_size, PROT_NONE);
  stack_t stack = {.ss_sp = base + guard_size, .ss_size = signal_stack_size};
  if (sigaltstack(&stack, NULL) != 0 || pthread_setspecific(signal_stack_key, base) != 0) {
    munmap(base, guard_size + signal_stack_size);
    return 0;
  }
  return 1;
}
