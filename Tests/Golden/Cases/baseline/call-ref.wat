;; A reference that may be null is checked, one of a type without null is not: a local's, or one behind `br_on_null`.
;;! stage: baseline
;;! function: 0
(module
  (type $t (func (param i32) (result i32)))
  (func (param $n i32) (param $maybe (ref null $t)) (param $sure (ref $t)) (result i32)
    (local.set $n
      (call_ref $t (call_ref $t (local.get $n) (local.get $maybe)) (local.get $sure)))
    (block $null
      (return (call_ref $t (local.get $n) (br_on_null $null (local.get $maybe)))))
    (i32.const 0)))
;;| ; baseline code of f0
;;| frame of 80 bytes, 5 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 64]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 85
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov qword ptr [rsp + 8], rdx
;;|     26  mov qword ptr [rsp + 16], rcx
;;|     2b  mov rax, rdx
;;|     2e  test rax, rax
;;|     31  je 95
;;|     37  mov rdi, qword ptr [rax + 8]
;;| @38 call_ref
;;|     3b  call qword ptr [rax]
;;| resume after @38:
;;|     3d  mov eax, eax
;;|     3f  mov rsi, rax
;;|     42  mov rax, qword ptr [rsp + 16]
;;|     47  mov rdi, qword ptr [rax + 8]
;;| @42 call_ref
;;|     4b  call qword ptr [rax]
;;| resume after @42:
;;|     4d  mov eax, eax
;;|     4f  mov dword ptr [rsp], eax
;;|     52  mov rsi, qword ptr [rsp + 8]
;;|     57  test rsi, rsi
;;|     5a  je 76
;;|     60  mov r11, rax
;;|     63  mov rax, rsi
;;|     66  mov rsi, r11
;;|     69  mov rdi, qword ptr [rax + 8]
;;| @54 call_ref
;;|     6d  call qword ptr [rax]
;;| resume after @54:
;;|     6f  mov eax, eax
;;|     71  jmp 7b
;;|     76  mov eax, 0
;;|     7b  mov rbx, qword ptr [rbp - 8]
;;|     7f  mov r12, qword ptr [rbp - 16]
;;|     83  leave
;;|     84  ret
;;| @34 local.get
;;|     85  call b0
;;| resume before @38:
;;|     8a  mov esi, dword ptr [rsp + 24]
;;|     8e  mov rax, qword ptr [rsp + 32]
;;|     93  jmp 2e
;;| @38 call_ref
;;|     95  call c2
;;| resume before @42:
;;|     9a  mov esi, dword ptr [rsp + 24]
;;|     9e  mov rax, qword ptr [rsp + 32]
;;|     a3  jmp 47
;;| resume before @54:
;;|     a5  mov esi, dword ptr [rsp + 24]
;;|     a9  mov rax, qword ptr [rsp + 32]
;;|     ae  jmp 69
;;|     b0  mov esi, 10
;;|     b5  mov rdx, -1
;;|     bc  mov rdi, rbx
;;|     bf  jmp qword ptr [rbx + 48]
;;|     c2  mov esi, 15
;;|     c7  mov rdx, -1
;;|     ce  mov rdi, rbx
;;|     d1  jmp qword ptr [rbx + 48]
