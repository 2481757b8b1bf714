;; A read-modify-write on an unshared memory: a check of the alignment, then plain code whose load has the bounds check.
;;! stage: code
;;! function: 0
(module (memory 1)
  (func (param i32 i32) (result i32) (i32.atomic.rmw.add offset=4 (local.get 0) (local.get 1))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  test sil, 3
;;|      8  jne 1d
;;|      a  and esi, -4
;;|      d  mov rcx, qword ptr [rdi + 8]
;;|     11  mov eax, dword ptr [rcx + rsi + 4]
;;|     15  add edx, eax
;;|     17  mov dword ptr [rcx + rsi + 4], edx
;;|     1b  pop rbp
;;|     1c  ret
;;|     1d  mov esi, 13
;;|     22  mov edx, 35
;;|     27  call qword ptr [rdi + 48]
