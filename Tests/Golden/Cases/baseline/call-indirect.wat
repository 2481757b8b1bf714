;; An indirect call checks index, null and type.
;;! stage: baseline
(module (type $t (func (result i32))) (table 4 funcref) (func (param i32) (result i32) (call_indirect (type $t) (local.get 0))))
;;| ; baseline code of f0
;;| frame of 48 bytes, 2 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 32]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 6a
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov r10, rsi
;;|     24  mov rax, qword ptr [rbx + 144]
;;|     2b  cmp r10, qword ptr [rax + 8]
;;|     2f  jae 76
;;|     35  mov rax, qword ptr [rbx + 152]
;;|     3c  mov rax, qword ptr [rax + 8*r10]
;;|     40  test rax, rax
;;|     43  je 7b
;;|     49  mov edi, dword ptr [rbx + 128]
;;|     4f  cmp edi, dword ptr [rax + 16]
;;|     52  jne 80
;;|     58  mov rdi, qword ptr [rax + 8]
;;| @37 call_indirect
;;|     5c  call qword ptr [rax]
;;| resume after @37:
;;|     5e  mov eax, eax
;;|     60  mov rbx, qword ptr [rbp - 8]
;;|     64  mov r12, qword ptr [rbp - 16]
;;|     68  leave
;;|     69  ret
;;| @35 local.get
;;|     6a  call bb
;;| resume before @37:
;;|     6f  mov r10d, dword ptr [rsp + 8]
;;|     74  jmp 24
;;| @37 call_indirect
;;|     76  call 85
;;| @37 call_indirect
;;|     7b  call 97
;;| @37 call_indirect
;;|     80  call a9
;;|     85  mov esi, 7
;;|     8a  mov rdx, -1
;;|     91  mov rdi, rbx
;;|     94  jmp qword ptr [rbx + 48]
;;|     97  mov esi, 8
;;|     9c  mov rdx, -1
;;|     a3  mov rdi, rbx
;;|     a6  jmp qword ptr [rbx + 48]
;;|     a9  mov esi, 9
;;|     ae  mov rdx, -1
;;|     b5  mov rdi, rbx
;;|     b8  jmp qword ptr [rbx + 48]
;;|     bb  mov esi, 10
;;|     c0  mov rdx, -1
;;|     c7  mov rdi, rbx
;;|     ca  jmp qword ptr [rbx + 48]
