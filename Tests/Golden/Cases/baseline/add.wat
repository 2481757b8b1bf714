;; Parameters come in registers, and have homes in the frame.
;;! stage: baseline
(module (func (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 4 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 37
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov dword ptr [rsp + 8], edx
;;|     25  mov edx, edx
;;|     27  lea edi, [rsi + rdx]
;;|     2a  mov rax, rdi
;;|     2d  mov rbx, qword ptr [rbp - 8]
;;|     31  mov r12, qword ptr [rbp - 16]
;;|     35  leave
;;|     36  ret
;;| @26 local.get
;;|     37  call 3c
;;|     3c  mov esi, 10
;;|     41  mov rdx, -1
;;|     48  mov rdi, rbx
;;|     4b  jmp qword ptr [rbx + 48]
