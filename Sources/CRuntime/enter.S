// Entry trampoline, and what leaves wasm code for the host: traps, host functions, lazy compilation, runtime calls.
// toolchain-docs/architecture.md has the picture. A frame pointer chain runs through all of a store's
// entries: an entry's first frame is linked to the frame of the host call it came from.

#include "layout.h"

  .intel_syntax noprefix
  .text

.macro FUNCTION name
  .globl \name
  .hidden \name
  .type \name, @function
  .p2align 4
\name:
.endm

// A frame that debuggers can unwind; LEAVE_FRAME is for a path that ends.
.macro ENTER_FRAME
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
.endm

.macro LEAVE_FRAME
  .cfi_remember_state
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
.endm

.macro SAVE_ARGUMENTS
  mov [rsp + REGISTERS_INTEGER], rsi
  mov [rsp + REGISTERS_INTEGER + 8], rdx
  mov [rsp + REGISTERS_INTEGER + 16], rcx
  mov [rsp + REGISTERS_INTEGER + 24], r8
  mov [rsp + REGISTERS_INTEGER + 32], r9
  mov [rsp + REGISTERS_INTEGER + 40], rdi
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movups [rsp + REGISTERS_VECTOR + 16 * \n], xmm\n
  .endr
.endm

.macro LOAD_ARGUMENTS base
  mov rsi, [\base + REGISTERS_INTEGER]
  mov rdx, [\base + REGISTERS_INTEGER + 8]
  mov rcx, [\base + REGISTERS_INTEGER + 16]
  mov r8, [\base + REGISTERS_INTEGER + 24]
  mov r9, [\base + REGISTERS_INTEGER + 32]
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movups xmm\n, [\base + REGISTERS_VECTOR + 16 * \n]
  .endr
.endm

// Goes to `label` if the store is to be interrupted: code that does little but call the host would seldom be met by a
// signal. rdi = context.
.macro IF_INTERRUPTED label
  mov r11, [rdi + CONTEXT_STORE]
  mov r11, [r11 + STORE_INTERRUPT]
  cmp dword ptr [r11 + INTERRUPT_REQUESTED], 0
  jne \label
.endm

// int wpgo_enter(struct wpgo_store *, const void *code, void *context, struct wpgo_registers *)
FUNCTION wpgo_enter
  .cfi_startproc
  push rbp
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset rbp, 0
  .irp r, rbx, r12, r13, r14, r15
  push \r
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset \r, 0
  .endr
  push rcx
  push qword ptr [rdi + STORE_HOST_SP]
  push qword ptr [rdi + STORE_WASM_SP]
  push qword ptr [rdi + STORE_WASM_FP]
  .cfi_adjust_cfa_offset 32
  mov rbx, rdi
  mov [rbx + STORE_HOST_SP], rsp
  // From here on the canonical frame address is [rbx + STORE_HOST_SP] + 88 (breg3, deref, plus_uconst).
  .cfi_escape 0x0f, 5, 0x73, STORE_HOST_SP, 0x06, 0x23, 88
  mov rsp, [rbx + STORE_WASM_SP]
  mov rbp, [rbx + STORE_WASM_FP]
  mov rax, rsi
  mov rdi, rdx
  mov r10, rcx
  LOAD_ARGUMENTS r10
  call rax
  // Where the way to a handler ends.
  .globl wpgo_entered
  .hidden wpgo_entered
wpgo_entered:
  mov rsp, [rbx + STORE_HOST_SP]
  mov rcx, [rsp + 24]
  mov [rcx + REGISTERS_INTEGER], rax
  mov [rcx + REGISTERS_INTEGER + 8], rdx
  movups [rcx + REGISTERS_VECTOR], xmm0
  movups [rcx + REGISTERS_VECTOR + 16], xmm1
  xor eax, eax
.Lleave:
  pop qword ptr [rbx + STORE_WASM_FP]
  pop qword ptr [rbx + STORE_WASM_SP]
  pop qword ptr [rbx + STORE_HOST_SP]
  .cfi_def_cfa rsp, 64
  pop rcx
  .cfi_adjust_cfa_offset -8
  .irp r, r15, r14, r13, r12, rbx, rbp
  pop \r
  .cfi_adjust_cfa_offset -8
  .cfi_restore \r
  .endr
  ret
  .cfi_endproc
  .size wpgo_enter, . - wpgo_enter

// Called in a frame whose rbp is set up: rdi = context, rsi = TrapCode, rdx = the TrapPlace.raw that stands for the return
// address in the backtrace, or all ones.
FUNCTION wpgo_trap
  mov rbx, [rdi + CONTEXT_STORE]
  movzx esi, sil
  mov rax, [rsp]
  mov [rbx + STORE_TRAP_CODE], rsi
  mov [rbx + STORE_TRAP_LOCATION], rdx
  mov [rbx + STORE_TRAP_PC], rax
  mov [rbx + STORE_TRAP_FP], rbp
  mov [rbx + STORE_TRAP_CONTEXT], rdi
.Labandon:
  mov rsp, [rbx + STORE_HOST_SP]
  mov eax, 1  // wpgo_trapped
  jmp .Lleave
  .size wpgo_trap, . - wpgo_trap

// Where the signal handler goes on: rdi = store, rsi = TrapCode, rdx = faulting address + 1; rbp as it was.
FUNCTION wpgo_trap_fault
  mov rbx, rdi
  mov [rbx + STORE_TRAP_CODE], rsi
  mov qword ptr [rbx + STORE_TRAP_LOCATION], -1
  mov [rbx + STORE_TRAP_PC], rdx
  mov [rbx + STORE_TRAP_FP], rbp
  mov qword ptr [rbx + STORE_TRAP_CONTEXT], 0
  jmp .Labandon
  .size wpgo_trap_fault, . - wpgo_trap_fault

// RuntimeCall.throwException: rdi = context, rsi = exception, rdx = place, as the trap stub has it.
FUNCTION wpgo_throw
  test rsi, rsi
  jz 1f
  IF_INTERRUPTED 2f
  lea rax, [rsp + 8]
  mov rcx, [rsp]
  sub rsp, FRAME_SIZE + 24
  mov [rsp + FRAME_RBX], rbx
  mov [rsp + FRAME_RBP], rbp
  mov [rsp + FRAME_R12], r12
  mov [rsp + FRAME_R13], r13
  mov [rsp + FRAME_R14], r14
  mov [rsp + FRAME_R15], r15
  mov [rsp + FRAME_RSP], rax
  mov [rsp + FRAME_PC], rcx
  mov [rsp + FRAME_SIZE], rsi
  mov [rsp + FRAME_SIZE + 8], rdx
  mov [rsp + FRAME_SIZE + 16], rdi
  mov rdi, [rdi + CONTEXT_STORE]
  mov rsi, rsp
  call wpgo_find_handler
  test eax, eax
  jz 3f
  mov rax, [rsp + FRAME_SIZE]
  mov rbx, [rsp + FRAME_RBX]
  mov rbp, [rsp + FRAME_RBP]
  mov r12, [rsp + FRAME_R12]
  mov r13, [rsp + FRAME_R13]
  mov r14, [rsp + FRAME_R14]
  mov r15, [rsp + FRAME_R15]
  mov rcx, [rsp + FRAME_PC]
  mov rsp, [rsp + FRAME_RSP]
  jmp rcx
1:
  mov esi, TRAP_NULL_EXCEPTION
  jmp wpgo_trap
2:
  mov esi, TRAP_INTERRUPTED
  jmp wpgo_trap
3:
  // The stack is as it was, for the backtrace.
  mov rdi, [rsp + FRAME_SIZE + 16]
  mov rdx, [rsp + FRAME_SIZE + 8]
  mov rsi, [rsp + FRAME_SIZE]
  mov rbx, [rdi + CONTEXT_STORE]
  mov rax, [rsp + FRAME_PC]
  mov [rbx + STORE_THROWN], rsi
  mov qword ptr [rbx + STORE_TRAP_CODE], 0
  mov [rbx + STORE_TRAP_LOCATION], rdx
  mov [rbx + STORE_TRAP_PC], rax
  mov [rbx + STORE_TRAP_FP], rbp
  mov [rbx + STORE_TRAP_CONTEXT], rdi
  mov rsp, [rbx + STORE_HOST_SP]
  mov eax, STATUS_THREW
  jmp .Lleave
  .size wpgo_throw, . - wpgo_throw

// RuntimeCall.newException: traps without room.
FUNCTION wpgo_new_exception_thunk
  ENTER_FRAME
  push rdi
  push rdi
  call wpgo_new_exception
  pop rdi
  pop rdi
  test rax, rax
  jz 1f
  LEAVE_FRAME
  ret
  .cfi_restore_state
1:
  mov esi, TRAP_EXCEPTIONS_EXHAUSTED
  mov rdx, -1
  LEAVE_FRAME
  jmp wpgo_trap
  .cfi_endproc
  .size wpgo_new_exception_thunk, . - wpgo_new_exception_thunk

// Canonical prototype, rdi = host context. The registers that it preserves go to the stack, where they are seen if they hold references to
// exceptions.
FUNCTION wpgo_host_call
  ENTER_FRAME
  push rbx
  .cfi_offset rbx, -24
  push r12
  push r13
  push r14
  push r15
  sub rsp, REGISTERS_SIZE + 8
  SAVE_ARGUMENTS
  mov rbx, [rdi + CONTEXT_STORE]
  mov [rbx + STORE_WASM_SP], rsp
  mov [rbx + STORE_WASM_FP], rbp
  mov rsi, rsp
  mov rsp, [rbx + STORE_HOST_SP]
  and rsp, -16
  call [rdi + HOST_HANDLER]
  lea rsp, [rbp - REGISTERS_SIZE - 48]
  mov rdi, [rsp + REGISTERS_INTEGER + 40]
  test rax, rax
  jnz 1f
  IF_INTERRUPTED 2f
  mov rax, [rsp + REGISTERS_INTEGER]
  mov rdx, [rsp + REGISTERS_INTEGER + 8]
  movups xmm0, [rsp + REGISTERS_VECTOR]
  movups xmm1, [rsp + REGISTERS_VECTOR + 16]
  mov rbx, [rbp - 8]
  LEAVE_FRAME
  ret
  .cfi_restore_state
2:
  mov eax, TRAP_INTERRUPTED
1:
  mov rsi, rax
  mov rdx, -1
  cmp eax, HOST_THROWS
  je 3f
  mov rbx, [rbp - 8]
  LEAVE_FRAME
  jmp wpgo_trap
  .cfi_restore_state
3:
  mov rsi, [rbx + STORE_THROWN]
  // The throw has it now; as a root of the pool, it would be kept.
  mov qword ptr [rbx + STORE_THROWN], 0
  mov rbx, [rbp - 8]
  LEAVE_FRAME
  jmp wpgo_throw
  .cfi_endproc
  .size wpgo_host_call, . - wpgo_host_call

// Canonical prototype, eax = function index.
FUNCTION wpgo_lazy
  ENTER_FRAME
  sub rsp, REGISTERS_SIZE
  SAVE_ARGUMENTS
  mov esi, eax
  mov rax, [rdi + CONTEXT_STORE]
  mov rsp, [rax + STORE_HOST_SP]
  and rsp, -16
  call [rip + wpgo_lazy_handler]
  lea rsp, [rbp - REGISTERS_SIZE]
  mov rdi, [rsp + REGISTERS_INTEGER + 40]
  mov esi, TRAP_HOST_ERROR
  test rax, rax
  jz 1f
  mov esi, TRAP_INTERRUPTED
  IF_INTERRUPTED 1f
  LOAD_ARGUMENTS rsp
  LEAVE_FRAME
  jmp rax
  .cfi_restore_state
1:
  mov rdx, -1
  LEAVE_FRAME
  jmp wpgo_trap
  .cfi_endproc
  .size wpgo_lazy, . - wpgo_lazy

// System V functions with the context in rdi and at most five operands, all in registers. Those that calls.c has
// are called as they are: they need little stack.
.macro THUNK number
  .p2align 4
.Lthunk\number:
  ENTER_FRAME
  push rdi
  mov rax, [rdi + CONTEXT_STORE]
  mov rsp, [rax + STORE_HOST_SP]
  and rsp, -16
  call [rip + wpgo_runtime_functions + 8 * \number]
  mov rdi, [rbp - 8]
  IF_INTERRUPTED 1f
  LEAVE_FRAME
  ret
  .cfi_restore_state
1:
  mov esi, TRAP_INTERRUPTED
  mov rdx, -1
  LEAVE_FRAME
  jmp wpgo_trap
  .cfi_endproc
.endm
.irp n, 0, 3, 4, 6, 7, 8, 9, 10, 12, 15, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  THUNK \n
.endr

  .section .data.rel.ro, "aw", @progbits
  .globl wpgo_runtime_thunks
  .hidden wpgo_runtime_thunks
  .p2align 3
wpgo_runtime_thunks:
  .quad .Lthunk0
  .quad wpgo_memory_copy
  .quad wpgo_memory_fill
  .quad .Lthunk3
  .quad .Lthunk4
  .quad wpgo_table_set
  .quad .Lthunk6
  .quad .Lthunk7
  .quad .Lthunk8
  .quad .Lthunk9
  .quad .Lthunk10
  .quad wpgo_record_target
  .quad .Lthunk12
  .quad wpgo_other_memory_copy
  .quad wpgo_other_memory_fill
  .quad .Lthunk15
  .quad wpgo_new_exception_thunk
  .quad wpgo_drop_exception
  .quad wpgo_throw
  .quad wpgo_record_miss
.irp n, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  .quad .Lthunk\n
.endr

  .section .note.GNU-stack, "", @progbits
