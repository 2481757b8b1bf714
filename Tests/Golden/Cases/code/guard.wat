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
;;|      4  cmp rsp, qword ptr [rdi + 32]
;;|      8  jb 7b
;;|      a  mov eax, 40
;;|      f  test esi, esi
;;|     11  je 1d
;;|     13  cmp esi, 1
;;|     16  jne 1f
;;|     18  mov eax, 400
;;|     1d  pop rbp
;;|     1e  ret
;;|     1f  mov eax, esi
;;|     21  cmp rax, 2
;;|     25  ja 54
;;|     27  mov rcx, qword ptr [rdi + 152]
;;|     2e  mov rax, qword ptr [rcx + 8*rax]
;;|     32  test rax, rax
;;|     35  je 61
;;|     37  mov ecx, dword ptr [rax + 16]
;;|     3a  cmp ecx, dword ptr [rdi + 128]
;;|     40  jne 6e
;;|     42  mov rcx, qword ptr [rax]
;;|     45  mov rdi, qword ptr [rax + 8]
;;|     49  mov esi, 20
;;|     4e  call rcx
;;|     50  mov eax, eax
;;|     52  pop rbp
;;|     53  ret
;;|     54  mov esi, 7
;;|     59  mov edx, 58
;;|     5e  call qword ptr [rdi + 48]
;;|     61  mov esi, 8
;;|     66  mov edx, 58
;;|     6b  call qword ptr [rdi + 48]
;;|     6e  mov esi, 9
;;|     73  mov edx, 58
;;|     78  call qword ptr [rdi + 48]
;;|     7b  mov esi, 10
;;|     80  mov edx, 61
;;|     85  call qword ptr [rdi + 48]
