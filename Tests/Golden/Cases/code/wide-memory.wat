;; Two accesses of one index of 64 bits have one compare with what the memory may grow to, and fault beyond its end.
;;! stage: code
;;! function: 0
(module
  (memory i64 1)
  (func (param $p i64) (result i64)
    (i64.add (i64.load (local.get $p)) (i64.load offset=8 (local.get $p)))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 16]
;;|      8  cmp qword ptr [rax + 16], rsi
;;|      c  jb 1d
;;|      e  mov rcx, qword ptr [rdi + 8]
;;|     12  mov rax, qword ptr [rcx + rsi]
;;|     16  add rax, qword ptr [rcx + rsi + 8]
;;|     1b  pop rbp
;;|     1c  ret
;;|     1d  mov esi, 5
;;|     22  mov edx, 32
;;|     27  call qword ptr [rdi + 48]
