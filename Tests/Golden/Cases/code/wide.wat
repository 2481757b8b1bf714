;; Wide arithmetic: the carry of a sum, and a product.
;;! stage: code
(module
  (func (param i64 i64 i64 i64) (result i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)) (i64.xor))
  (func (param i64 i64) (result i64) (i64.mul_wide_u (local.get 0) (local.get 1)) (i64.xor)))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, rdx
;;|      7  add rsi, rcx
;;|      a  adc rax, r8
;;|      d  xor rax, rsi
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f1
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, rdx
;;|      7  mul rsi
;;|      a  xor rax, rdx
;;|      d  pop rbp
;;|      e  ret
