// Where a guard's compare was, in a run that forces guards, a jump leads to a trampoline:
//
//     lea rsp, [rsp - 128]      past the red zone
//     push number of the compare
//     push [state]
//     call [wpgo_force]
//     lea rsp, [rsp + 144]      keeps the flags
//     je 1f
//     test rsp, rsp             not equal, not below
//     jmp 2f
//  1: the compare
//  2: the conditional jump, where it was replaced together with the compare
//     jmp back

#include "force.h"

  .intel_syntax noprefix
  .text

// Keeps all registers. ZF: the compare is not to fail.
  .globl wpgo_force
  .hidden wpgo_force
  .type wpgo_force, @function
  .p2align 4
wpgo_force:
  push rbp
  mov rbp, rsp
  push rax
  push rcx
  push rdx
  push rsi
  push rdi
  push r8
  push r9
  push r10
  push r11
  mov rdi, [rbp + 8 + WPGO_FORCE_STATE]
  mov rsi, [rbp + 8 + WPGO_FORCE_TEST]
  and rsp, -16
  call wpgo_force_decide
  test eax, eax
  lea rsp, [rbp - 72]
  pop r11
  pop r10
  pop r9
  pop r8
  pop rdi
  pop rsi
  pop rdx
  pop rcx
  pop rax
  pop rbp
  ret
  .size wpgo_force, . - wpgo_force

  .section .note.GNU-stack, "", @progbits
