;; A switch by a table of offsets.
;;! stage: baseline
(module (func (param i32) (result i32) (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 10))) (return (i32.const 20))) (i32.const 30)))
;;| ; baseline code of f0
;;| frame of 48 bytes, 2 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 32]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 5d
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov edi, esi
;;|     23  cmp edi, 0
;;|     26  je 3a
;;|     2c  cmp edi, 1
;;|     2f  je 44
;;|     35  jmp 4e
;;|     3a  mov eax, 10
;;|     3f  jmp 53
;;|     44  mov eax, 20
;;|     49  jmp 53
;;|     4e  mov eax, 30
;;|     53  mov rbx, qword ptr [rbp - 8]
;;|     57  mov r12, qword ptr [rbp - 16]
;;|     5b  leave
;;|     5c  ret
;;| @25 block
;;|     5d  call 62
;;|     62  mov esi, 10
;;|     67  mov rdx, -1
;;|     6e  mov rdi, rbx
;;|     71  jmp qword ptr [rbx + 48]
