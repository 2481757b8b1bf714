;; Arguments, then the frame goes away: a jump through the entry of a function, and one to a reference.
;;! stage: baseline
;;! function: 0
(module
  (type $t (func (param i32 i64) (result i32)))
  (table 2 2 funcref)
  (func (param $n i32) (result i32)
    (if (local.get $n) (then (return_call 1 (local.get $n) (i64.const 1))))
    (return_call_indirect (type $t) (i32.const 2) (i64.extend_i32_u (local.get $n))
      (local.get $n)))
  (func (type $t) (i32.const 3)))
;;| ; baseline code of f0
;;| frame of 64 bytes, 4 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 95
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  test esi, esi
;;|     23  je 40
;;|     29  mov edx, 1
;;| @47 return_call
;;|     2e  mov rdi, rbx
;;|     31  mov rbx, qword ptr [rbp - 8]
;;|     35  mov r12, qword ptr [rbp - 16]
;;|     39  leave
;;|     3a  jmp qword ptr [rdi + 168]
;;|     40  mov esi, dword ptr [rsp]
;;|     43  mov rdx, rsi
;;|     46  mov esi, 2
;;|     4b  mov r10d, dword ptr [rsp]
;;|     4f  mov rax, qword ptr [rbx + 144]
;;|     56  cmp r10, qword ptr [rax + 8]
;;|     5a  jae b5
;;|     60  mov rax, qword ptr [rbx + 152]
;;|     67  mov rax, qword ptr [rax + 8*r10]
;;|     6b  test rax, rax
;;|     6e  je ba
;;|     74  mov edi, dword ptr [rbx + 128]
;;|     7a  cmp edi, dword ptr [rax + 16]
;;|     7d  jne bf
;;| @57 return_call_indirect
;;|     83  mov rdi, qword ptr [rax + 8]
;;|     87  mov rax, qword ptr [rax]
;;|     8a  mov rbx, qword ptr [rbp - 8]
;;|     8e  mov r12, qword ptr [rbp - 16]
;;|     92  leave
;;|     93  jmp rax
;;| @39 local.get
;;|     95  call fa
;;| resume before @47:
;;|     9a  mov esi, dword ptr [rsp + 8]
;;|     9e  mov rdx, qword ptr [rsp + 16]
;;|     a3  jmp 2e
;;| resume before @57:
;;|     a5  mov esi, dword ptr [rsp + 8]
;;|     a9  mov rdx, qword ptr [rsp + 16]
;;|     ae  mov r10d, dword ptr [rsp + 24]
;;|     b3  jmp 4f
;;| @57 return_call_indirect
;;|     b5  call c4
;;| @57 return_call_indirect
;;|     ba  call d6
;;| @57 return_call_indirect
;;|     bf  call e8
;;|     c4  mov esi, 7
;;|     c9  mov rdx, -1
;;|     d0  mov rdi, rbx
;;|     d3  jmp qword ptr [rbx + 48]
;;|     d6  mov esi, 8
;;|     db  mov rdx, -1
;;|     e2  mov rdi, rbx
;;|     e5  jmp qword ptr [rbx + 48]
;;|     e8  mov esi, 9
;;|     ed  mov rdx, -1
;;|     f4  mov rdi, rbx
;;|     f7  jmp qword ptr [rbx + 48]
;;|     fa  mov esi, 10
;;|     ff  mov rdx, -1
;;|    106  mov rdi, rbx
;;|    109  jmp qword ptr [rbx + 48]
