;; A guard is a compare and a jump; of one with two targets, the table holds a third function.
;;! stage: code
;;! function: 0
;;! targets: 1 2
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push rax
;;|      6  mov eax, 40
;;|      b  cmp esi, 0
;;|      e  je 1a
;;|     10  mov eax, 400
;;|     15  cmp esi, 1
;;|     18  jne 21
;;|     1a  add rsp, 8
;;|     1e  pop rbx
;;|     1f  pop rbp
;;|     20  ret
;;|     21  mov rax, qword ptr [rdi + 56]
;;|     25  mov rbx, rdi
;;|     28  call rax
;;|     2a  mov rdi, rbx
;;|     2d  add rsp, 8
;;|     31  pop rbx
;;|     32  pop rbp
;;|     33  jmp rax
;;| ; code of wasm_f0_generic
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push r14
;;|      6  push rbx
;;|      7  cmp rsp, qword ptr [rdi + 32]
;;|      b  jb 93
;;|     11  mov eax, 40
;;|     16  test esi, esi
;;|     18  je 24
;;|     1a  cmp esi, 1
;;|     1d  jne 29
;;|     1f  mov eax, 400
;;|     24  pop rbx
;;|     25  pop r14
;;|     27  pop rbp
;;|     28  ret
;;|     29  cmp qword ptr [rdi + 80], 0
;;|     2e  mov r14d, esi
;;|     31  jne 66
;;|     33  cmp r14d, 2
;;|     37  ja 6c
;;|     39  mov rax, qword ptr [rdi + 152]
;;|     40  mov rax, qword ptr [rax + 8*r14]
;;|     44  test rax, rax
;;|     47  je 79
;;|     49  mov ecx, dword ptr [rax + 16]
;;|     4c  cmp ecx, dword ptr [rdi + 128]
;;|     52  jne 86
;;|     54  mov rcx, qword ptr [rax]
;;|     57  mov rdi, qword ptr [rax + 8]
;;|     5b  mov esi, 20
;;|     60  call rcx
;;|     62  mov eax, eax
;;|     64  jmp 24
;;|     66  cmp r14d, 2
;;|     6a  jbe a0
;;|     6c  mov esi, 7
;;|     71  mov edx, 58
;;|     76  call qword ptr [rdi + 48]
;;|     79  mov esi, 8
;;|     7e  mov edx, 58
;;|     83  call qword ptr [rdi + 48]
;;|     86  mov esi, 9
;;|     8b  mov edx, 58
;;|     90  call qword ptr [rdi + 48]
;;|     93  mov esi, 10
;;|     98  mov edx, 61
;;|     9d  call qword ptr [rdi + 48]
;;|     a0  mov rax, qword ptr [rdi + 40]
;;|     a4  mov rcx, qword ptr [rdi + 152]
;;|     ab  mov rdx, qword ptr [rcx + 8*r14]
;;|     af  mov rax, qword ptr [rax + 152]
;;|     b6  mov esi, 58
;;|     bb  mov rbx, rdi
;;|     be  call rax
;;|     c0  mov rdi, rbx
;;|     c3  jmp 39
