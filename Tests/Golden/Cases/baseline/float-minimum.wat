;; A minimum of floats with NaNs and zeros of both signs.
;;! stage: baseline
(module (func (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1))))
;;| ; baseline code of f0
;;| frame of 64 bytes, 4 slots
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  push rbx
;;|      5  push r12
;;|      7  mov rbx, rdi
;;|      a  lea r11, [rsp - 48]
;;|      f  cmp r11, qword ptr [rbx + 32]
;;|     13  jb 4e
;;|     19  mov rsp, r11
;;|     1c  movsd qword ptr [rsp], xmm0
;;|     21  movsd qword ptr [rsp + 8], xmm1
;;|     27  movaps xmm2, xmm0
;;|     2a  ucomisd xmm2, xmm1
;;|     2e  jne 3d
;;|     30  jp 37
;;|     32  orps xmm2, xmm1
;;|     35  jmp 41
;;|     37  addsd xmm2, xmm1
;;|     3b  jmp 41
;;|     3d  minsd xmm2, xmm1
;;|     41  movaps xmm0, xmm2
;;|     44  mov rbx, qword ptr [rbp - 8]
;;|     48  mov r12, qword ptr [rbp - 16]
;;|     4c  leave
;;|     4d  ret
;;| @26 local.get
;;|     4e  call 53
;;|     53  mov esi, 10
;;|     58  mov rdx, -1
;;|     5f  mov rdi, rbx
;;|     62  jmp qword ptr [rbx + 48]
