#define _GNU_SOURCE
#include "signals.h"
#include "interrupted.h"
#include "layout.h"
#include "store.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
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

// By their numbers in instructions.
static const int general[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { fault_count = sizeof faults / sizeof *faults };
// Handlers that were there before: of faults, then of the signal of interruptions.
static struct sigaction previous[fault_count + 1];
static int chosen_signal, interrupt_signal;
static pthread_mutex_t choice_lock = PTHREAD_MUTEX_INITIALIZER;

int wpgo_interrupt_signal(void) { return interrupt_signal; }

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
  for (int i = 0; i < 16; i++) store->trap_registers[i] = (uint64_t)registers[general[i]];
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
  if (signal == interrupt_signal) {
    if (!wpgo_is_interrupt_signal(info)) return 0;
    if (store) wpgo_interrupt_answered(store->interrupt);
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

// The signals that the kernel would block while the host's own handler runs: those of the interrupted code, and its own.
static sigset_t handler_mask(
    const struct sigaction *handler, int signal, const ucontext_t *context) {
  sigset_t before;
  sigemptyset(&before);
  // The kernel saves a bit a signal; C's set is larger.
  memcpy(&before, &context->uc_sigmask, sizeof(uint64_t));
  sigset_t mask = before;
  sigorset(&mask, &before, &handler->sa_mask);
  if (!(handler->sa_flags & SA_NODEFER)) sigaddset(&mask, signal);
  return mask;
}

// As the kernel would have delivered it to the handler that was there before.
static void chain(struct sigaction *action, int signal, siginfo_t *info, ucontext_t *context) {
  struct sigaction handler = *action;
  if (!(handler.sa_flags & SA_SIGINFO)) {
    if (handler.sa_handler == SIG_IGN && info->si_code <= 0) return;
    if (handler.sa_handler == SIG_DFL || handler.sa_handler == SIG_IGN) {
      if (signal == SIGURG) return;  // ignored by default, and never a fault
      // Once this handler returns, a fault happens again; a signal that was sent has to be sent again.
      set_default(signal);
      if (info->si_code <= 0) raise(signal);
      return;
    }
  }
  sigset_t mask = handler_mask(&handler, signal, context), own;
  pthread_sigmask(SIG_SETMASK, &mask, &own);
  if (handler.sa_flags & SA_RESETHAND) {
    action->sa_flags &= ~SA_SIGINFO;
    action->sa_handler = SIG_DFL;
  }
  if (handler.sa_flags & SA_SIGINFO)
    handler.sa_sigaction(signal, info, context);
  else
    handler.sa_handler(signal);
  pthread_sigmask(SIG_SETMASK, &own, NULL);
}

static void handle(int signal, siginfo_t *info, void *context) {
  if (redirect(signal, info, context)) return;
  if (signal == interrupt_signal) return chain(&previous[fault_count], signal, info, context);
  for (int i = 0; i < fault_count; i++)
    if (faults[i] == signal) chain(&previous[i], signal, info, context);
}

// MARK: Installing

static int is_handled(int signal) {
  struct sigaction action;
  if (sigaction(signal, NULL, &action) != 0) return 1;
  if (action.sa_flags & SA_SIGINFO) return 1;
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

static int free_signal(void) {
  if (!is_handled(SIGURG)) return SIGURG;
  for (int signal = SIGRTMAX; signal >= SIGRTMIN; signal--)
    if (!is_handled(signal)) return signal;
  // Go handles them all, and uses SIGURG all the time.
  return SIGRTMAX;
}

// Every signal is blocked while a handler of ours runs, for some microseconds: nothing nests on the signal stack, whatever the
// rate of signals. What it chains to runs with the mask that it asked for.
static void install_one(int signal, struct sigaction *before, int keeps_restart) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigaction(signal, NULL, before);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (keeps_restart) action.sa_flags |= before->sa_flags & SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(signal, &action, before);
}

static void install(void) {
  pthread_mutex_lock(&choice_lock);
  interrupt_signal = chosen_signal ? chosen_signal : free_signal();
  pthread_mutex_unlock(&choice_lock);
  for (int i = 0; i < fault_count; i++) install_one(faults[i], &previous[i], 1);
  // Without SA_RESTART: an interruption ends system calls.
  install_one(interrupt_signal, &previous[fault_count], 0);
}

void wpgo_install_signal_handlers(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

int wpgo_choose_interrupt_signal(int signal) {
  struct sigaction action;
  int is_fault = signal == SIGKILL || signal == SIGSTOP || sigaction(signal, NULL, &action) != 0;
  for (int i = 0; i < fault_count; i++) is_fault |= faults[i] == signal;
  if (is_fault) return 0;
  pthread_mutex_lock(&choice_lock);
  int is_chosen = interrupt_signal == 0 || interrupt_signal == signal;
  if (is_chosen) chosen_signal = signal;
  pthread_mutex_unlock(&choice_lock);
  return is_chosen;
}

// MARK: Signal stacks

enum { guard_size = 4096 };

// What the kernel saves of the processor's state; with AVX-512 3.5 KiB, on newer processors more.
static size_t signal_frame_size(void) {
  size_t size = getauxval(AT_MINSIGSTKSZ);
  return size < 4096 ? 4096 : size;
}

// Our handler and what it chains to, with signals of the host's on top.
static size_t least_stack_size(void) { return 16 * 1024 + 4 * signal_frame_size(); }

static size_t stack_size(void) {
  size_t size = 32 * 1024 + 8 * signal_frame_size();
  return (size + 4095) & ~(size_t)4095;
}

static pthread_key_t signal_stack_key;

static void remove_signal_stack(void *base) {
  stack_t current, none = {.ss_flags = SS_DISABLE};
  if (sigaltstack(NULL, &current) == 0 && current.ss_sp == (char *)base + guard_size)
    sigaltstack(&none, NULL);
  munmap(base, guard_size + stack_size());
}

static void make_key(void) { pthread_key_create(&signal_stack_key, remove_signal_stack); }

int wpgo_install_signal_stack(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_key);
  stack_t current;
  if (sigaltstack(NULL, &current) == 0 && !(current.ss_flags & SS_DISABLE) &&
      current.ss_size >= least_stack_size())
    return 1;
  size_t size = stack_size();
  char *base = mmap(NULL, guard_size + size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return 0;
  mprotect(base, guard_size, PROT_NONE);
  stack_t stack = {.ss_sp = base + guard_size, .ss_size = size};
  if (sigaltstack(&stack, NULL) != 0 || pthread_setspecific(signal_stack_key, base) != 0) {
    munmap(base, guard_size + size);
    return 0;
  }
  return 1;
}
