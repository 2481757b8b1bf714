;; A loop with its condition as a compare and jump.
;;! stage: baseline
(module (func (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 3 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 38
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov esi, dword ptr [rsp]
;;|     24  lea edi, [rsi - 1]
;;|     27  mov dword ptr [rsp], edi
;;|     2a  test edi, edi
;;|     2c  jne 21
;;|     2e  mov rbx, qword ptr [rbp - 8]
;;|     32  mov r12, qword ptr [rbp - 16]
;;|     36  leave
;;|     37  ret
;;| @24 loop
;;|     38  call 3d
;;|     3d  mov esi, 10
;;|     42  mov rdx, -1
;;|     49  mov rdi, rbx
;;|     4c  jmp qword ptr [rbx + 48]
