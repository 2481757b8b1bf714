;; One instruction.
;;! stage: code
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load offset=4 (local.get 0))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  mov eax, dword ptr [rax + rcx + 4]
;;|      e  pop rbp
;;|      f  ret
