;; A load from a memory with pages of a byte compares its end with the memory's length.
;;! stage: code
;;! function: 0
(module (memory 100 (pagesize 1))
  (func (param i32) (result i32) (i32.load offset=4 (local.get 0))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rcx, qword ptr [rdi + 16]
;;|      8  mov eax, esi
;;|      a  lea rdx, [rax + 8]
;;|      e  cmp rdx, qword ptr [rcx + 8]
;;|     12  ja 1e
;;|     14  mov rcx, qword ptr [rdi + 8]
;;|     18  mov eax, dword ptr [rcx + rax + 4]
;;|     1c  pop rbp
;;|     1d  ret
;;|     1e  mov esi, 5
;;|     23  mov edx, 33
;;|     28  call qword ptr [rdi + 48]
