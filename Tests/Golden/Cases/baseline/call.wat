;; A call stores its operands; where code can resume is marked.
;;! stage: baseline
;;! function: 1
(module (func $f (param i32) (result i32) (local.get 0)) (func (param i32) (result i32) (i32.add (local.get 0) (call $f (i32.const 1)))))
;;| ; baseline code of f1
;;| frame of 64 bytes, 3 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 43
;;|     19  mov rsp, r11
;;|     1c  mov dword ptr [rsp], esi
;;|     1f  mov esi, esi
;;|     21  mov dword ptr [rsp + 8], esi
;;|     25  mov esi, 1
;;|     2a  mov rdi, rbx
;;| @35 call
;;|     2d  call qword ptr [rbx + 144]
;;| resume after @35:
;;|     33  mov eax, eax
;;|     35  add eax, dword ptr [rsp + 8]
;;|     39  mov rbx, qword ptr [rbp - 8]
;;|     3d  mov r12, qword ptr [rbp - 16]
;;|     41  leave
;;|     42  ret
;;| @31 local.get
;;|     43  call 4e
;;| resume before @35:
;;|     48  mov esi, dword ptr [rsp + 16]
;;|     4c  jmp 2a
;;|     4e  mov esi, 10
;;|     53  mov rdx, -1
;;|     5a  mov rdi, rbx
;;|     5d  jmp qword ptr [rbx + 48]
