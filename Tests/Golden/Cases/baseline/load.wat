;; An access has no check: the reservation is larger than any address.
;;! stage: baseline
(module (memory 1) (func (param i32) (result i64) (i64.load offset=16 (local.get 0))))
;;| ; baseline code of f0
;;| frame of 48 bytes, 2 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 32]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 37
;;|     19  mov rsp, r11
;;|     1c  mov r12, qword ptr [rbx + 8]
;;|     20  mov dword ptr [rsp], esi
;;|     23  mov esi, esi
;;| @32 i64.load
;;|     25  mov rdi, qword ptr [r12 + rsi + 16]
;;|     2a  mov rax, rdi
;;|     2d  mov rbx, qword ptr [rbp - 8]
;;|     31  mov r12, qword ptr [rbp - 16]
;;|     35  leave
;;|     36  ret
;;| @30 local.get
;;|     37  call 3c
;;|     3c  mov esi, 10
;;|     41  mov rdx, -1
;;|     48  mov rdi, rbx
;;|     4b  jmp qword ptr [rbx + 48]
