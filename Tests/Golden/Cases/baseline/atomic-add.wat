;; A read-modify-write on an unshared memory, by the baseline.
;;! stage: baseline
(module (memory 1)
  (func (param i32 i32) (result i32) (i32.atomic.rmw.add offset=4 (local.get 0) (local.get 1))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 4 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 55
;;|     19  mov rsp, r11
;;|     1c  mov r12, qword ptr [rbx + 8]
;;|     20  mov dword ptr [rsp], esi
;;|     23  mov esi, esi
;;|     25  mov dword ptr [rsp + 8], edx
;;|     29  mov edx, edx
;;|     2b  mov r11d, esi
;;|     2e  test r11b, 3
;;|     32  jne 5a
;;| @35 i32.atomic.rmw.add
;;|     38  mov edi, dword ptr [r12 + rsi + 4]
;;|     3d  mov r8d, edi
;;|     40  add r8d, edx
;;|     43  mov dword ptr [r12 + rsi + 4], r8d
;;|     48  mov rax, rdi
;;|     4b  mov rbx, qword ptr [rbp - 8]
;;|     4f  mov r12, qword ptr [rbp - 16]
;;|     53  leave
;;|     54  ret
;;| @31 local.get
;;|     55  call 5f
;;| @35 i32.atomic.rmw.add
;;|     5a  call 71
;;|     5f  mov esi, 10
;;|     64  mov rdx, -1
;;|     6b  mov rdi, rbx
;;|     6e  jmp qword ptr [rbx + 48]
;;|     71  mov esi, 13
;;|     76  mov rdx, -1
;;|     7d  mov rdi, rbx
;;|     80  jmp qword ptr [rbx + 48]
