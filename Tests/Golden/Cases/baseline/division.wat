;; A division traps by zero and by overflow.
;;! stage: baseline
(module (func (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 4 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 51
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov dword ptr [rsp + 8], edx
;;|     25  mov edx, edx
;;|     27  mov eax, esi
;;|     29  mov edi, dword ptr [rsp + 8]
;;|     2d  test edi, edi
;;|     2f  je 56
;;|     35  cmp edi, -1
;;|     38  jne 44
;;|     3a  neg eax
;;|     3c  jo 5b
;;|     42  jmp 47
;;|     44  cdq
;;|     45  idiv edi
;;|     47  mov rbx, qword ptr [rbp - 8]
;;|     4b  mov r12, qword ptr [rbp - 16]
;;|     4f  leave
;;|     50  ret
;;| @26 local.get
;;|     51  call 84
;;| @30 i32.div_s
;;|     56  call 60
;;| @30 i32.div_s
;;|     5b  call 72
;;|     60  mov esi, 2
;;|     65  mov rdx, -1
;;|     6c  mov rdi, rbx
;;|     6f  jmp qword ptr [rbx + 48]
;;|     72  mov esi, 3
;;|     77  mov rdx, -1
;;|     7e  mov rdi, rbx
;;|     81  jmp qword ptr [rbx + 48]
;;|     84  mov esi, 10
;;|     89  mov rdx, -1
;;|     90  mov rdi, rbx
;;|     93  jmp qword ptr [rbx + 48]
