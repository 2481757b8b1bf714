// Deoptimization, as toolchain-docs/architecture.md describes it. Offsets: deopt.h.

#include "deopt.h"
#include "layout.h"

// The capture area, and 8 bytes to align the stack.
#define AREA (WPGO_CAPTURE_SIZE + 8)

  .intel_syntax noprefix
  .text

// const void *capture(void *context): every other register still holds what the optimized code left there.
.macro CAPTURE name, avx512
  .globl \name
  .hidden \name
  .type \name, @function
  .p2align 4
\name:
  .cfi_startproc
  sub rsp, AREA
  .cfi_adjust_cfa_offset AREA
  mov [rsp], rax
  mov [rsp + 8], rcx
  mov [rsp + 16], rdx
  mov [rsp + 24], rbx
  lea rax, [rsp + AREA + 8]  // rsp once this call has returned
  mov [rsp + WPGO_CAPTURE_STACK_POINTER], rax
  mov [rsp + WPGO_CAPTURE_FRAME_POINTER], rbp
  mov [rsp + 48], rsi
  mov [rsp + 56], rdi
  mov [rsp + 64], r8
  mov [rsp + 72], r9
  mov [rsp + 80], r10
  mov [rsp + 88], r11
  mov [rsp + 96], r12
  mov [rsp + 104], r13
  mov [rsp + 112], r14
  mov [rsp + 120], r15
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  movups [rsp + WPGO_CAPTURE_VECTORS + 16 * \n], xmm\n
  .endr
  .if \avx512
  .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  vmovups [rsp + WPGO_CAPTURE_VECTORS + 16 * \n], xmm\n
  .endr
  .endif
  mov rsi, rsp
  mov rdx, [rsp + AREA]
  mov rbx, rsp
  .cfi_def_cfa_register rbx
  mov rax, [rdi + WPGO_CONTEXT_STORE]
  mov rsp, [rax + STORE_HOST_SP]
  and rsp, -16
  mov rax, [rdi + WPGO_CONTEXT_DEOPTIMIZER]
  call [rax + WPGO_DEOPT_HANDLER]
  mov rsp, rbx
  .cfi_def_cfa_register rsp
  mov rbx, [rsp + 24]
  add rsp, AREA
  .cfi_adjust_cfa_offset -AREA
  ret
  .cfi_endproc
  .size \name, . - \name
.endm

CAPTURE wpgo_capture, 0
CAPTURE wpgo_capture_avx512, 1

// Tail-jumped to with the context in rdi when the optimized frame is gone: its caller's return address is at [rsp],
// the callee-saved registers are the caller's.
  .globl wpgo_deopt_continue
  .hidden wpgo_deopt_continue
  .type wpgo_deopt_continue, @function
  .p2align 4
wpgo_deopt_continue:
  mov rax, [rdi + WPGO_CONTEXT_DEOPTIMIZER]
  cmp rsp, [rax + WPGO_DEOPT_TOP]
  jne 1f
  mov r8, rdi
  mov r9, rsp
  mov rcx, [rax + WPGO_DEOPT_IMAGE_WORDS]
  mov rsi, [rax + WPGO_DEOPT_IMAGE]
  lea rdx, [rcx * 8]
  sub rsp, rdx
  mov rdi, rsp
  rep movsq
  // The outermost frame saves what its caller had.
  mov [r9 - 8], rbp
  mov [r9 - 16], rbx
  mov [r9 - 24], r12
  mov rbp, [rax + WPGO_DEOPT_FRAME_POINTER]
  mov rbx, r8
  mov r12, [r8 + WPGO_CONTEXT_MEMORY_BASE]
  jmp [rax + WPGO_DEOPT_RESUME]
1:
  ud2
  .size wpgo_deopt_continue, . - wpgo_deopt_continue

// Instead of the above where the baseline frames would not fit.
  .globl wpgo_deopt_trap
  .hidden wpgo_deopt_trap
  .type wpgo_deopt_trap, @function
  .p2align 4
wpgo_deopt_trap:
  // The trap stub wants a frame, and a return address, which it does not read: the place stands for it.
  push rbp
  mov rbp, rsp
  push 0
  mov rax, [rdi + WPGO_CONTEXT_DEOPTIMIZER]
  mov rsi, [rax + WPGO_DEOPT_TRAP_CODE]
  mov rdx, [rax + WPGO_DEOPT_TRAP_LOCATION]
  jmp [rdi + WPGO_CONTEXT_TRAP_STUB]
  .size wpgo_deopt_trap, . - wpgo_deopt_trap

// Called through a dispatch table: the trap is at the return address. At an odd address (ContextLayout.dispatchStubBit).
.macro DISPATCH_TRAP name, code
  .globl \name
  .hidden \name
  .type \name, @function
  .p2align 4
  nop
\name:
  mov esi, \code
  mov rdx, -1  // TrapPlace.fromReturnAddress
  jmp [rdi + WPGO_CONTEXT_TRAP_STUB]
  .size \name, . - \name
.endm

DISPATCH_TRAP wpgo_dispatch_null, WPGO_TRAP_UNINITIALIZED_ELEMENT
DISPATCH_TRAP wpgo_dispatch_mismatch, WPGO_TRAP_INDIRECT_CALL_TYPE

  .section .note.GNU-stack, "", @progbits
