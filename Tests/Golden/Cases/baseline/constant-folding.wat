;; Constants become immediates.
;;! stage: baseline
(module (func (param i32) (result i32) (i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.const 5))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 3 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 36
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov edi, esi
;;|     23  shl edi, 3
;;|     26  add edi, 5
;;|     29  mov rax, rdi
;;|     2c  mov rbx, qword ptr [rbp - 8]
;;|     30  mov r12, qword ptr [rbp - 16]
;;|     34  leave
;;|     35  ret
;;| @25 local.get
;;|     36  call 3b
;;|     3b  mov esi, 10
;;|     40  mov rdx, -1
;;|     47  mov rdi, rbx
;;|     4a  jmp qword ptr [rbx + 48]
