;; The vector instructions for which processors have no instruction of their own, or for which plain IR would be slow. Behind
;; each: how many instructions V8 11.3 makes of it with AVX, and Cranelift of wasmtime 50 with AVX-512 and BITALG, without
;; prologue and epilogue. We have more, apart from moves that two-operand instructions need, in
;;   - load32_zero and load64_zero: accesses are volatile, and LLVM does not merge those with the zeros;
;;   - extadd_pairwise of words: LLVM blends with a register of zeros, which costs no execution;
;;   - all_true: LLVM prefers pmovmskb to ptest;
;;   - popcnt and shr_u beside Cranelift: BITALG, and a table in memory.
;;! stage: code
;;! cpu: x86-64-v2
(module
  (memory 1)
  (func (export "swizzle") (param v128 v128) (result v128)  ;; 3, 2
    (i8x16.swizzle (local.get 0) (local.get 1)))
  (func (export "swizzle_constant") (param v128) (result v128)  ;; 5, 3
    (i8x16.swizzle (local.get 0) (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
  (func (export "shuffle") (param v128 v128) (result v128)  ;; 14, 4
    (i8x16.shuffle 0 17 3 20 5 22 7 24 9 26 11 28 13 30 15 1 (local.get 0) (local.get 1)))
  (func (export "shuffle_words") (param v128 v128) (result v128)  ;; 1, 1
    (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get 0) (local.get 1)))
  (func (export "popcnt") (param v128) (result v128)  ;; 11, 1
    (i8x16.popcnt (local.get 0)))
  (func (export "shl") (param v128 i32) (result v128)  ;; 12, 7
    (i8x16.shl (local.get 0) (local.get 1)))
  (func (export "shr_s") (param v128 i32) (result v128)  ;; 10, 8
    (i8x16.shr_s (local.get 0) (local.get 1)))
  (func (export "shr_u") (param v128 i32) (result v128)  ;; 10, 6
    (i8x16.shr_u (local.get 0) (local.get 1)))
  (func (export "shl_constant") (param v128) (result v128)  ;; 5, 3
    (i8x16.shl (local.get 0) (i32.const 3)))
  (func (export "shr_s_64") (param v128 i32) (result v128)  ;; 10, 3
    (i64x2.shr_s (local.get 0) (local.get 1)))
  (func (export "mul_64") (param v128 v128) (result v128)  ;; 9, 1
    (i64x2.mul (local.get 0) (local.get 1)))
  (func (export "abs_64") (param v128) (result v128)  ;; 4, 1
    (i64x2.abs (local.get 0)))
  (func (export "min") (param v128 v128) (result v128)  ;; 7, 7
    (f32x4.min (local.get 0) (local.get 1)))
  (func (export "max") (param v128 v128) (result v128)  ;; 8, 8
    (f64x2.max (local.get 0) (local.get 1)))
  (func (export "pmin") (param v128 v128) (result v128)  ;; 1, 1
    (f32x4.pmin (local.get 0) (local.get 1)))
  (func (export "pmax") (param v128 v128) (result v128)  ;; 1, 1
    (f64x2.pmax (local.get 0) (local.get 1)))
  (func (export "trunc_sat_s") (param v128) (result v128)  ;; 6, 7
    (i32x4.trunc_sat_f32x4_s (local.get 0)))
  (func (export "trunc_sat_u") (param v128) (result v128)  ;; 14, 13
    (i32x4.trunc_sat_f32x4_u (local.get 0)))
  (func (export "trunc_sat_64_s") (param v128) (result v128)  ;; 6, 4
    (i32x4.trunc_sat_f64x2_s_zero (local.get 0)))
  (func (export "trunc_sat_64_u") (param v128) (result v128)  ;; 8, 6
    (i32x4.trunc_sat_f64x2_u_zero (local.get 0)))
  (func (export "convert_u") (param v128) (result v128)  ;; 8, 1
    (f32x4.convert_i32x4_u (local.get 0)))
  (func (export "convert_64_u") (param v128) (result v128)  ;; 4, 2
    (f64x2.convert_low_i32x4_u (local.get 0)))
  (func (export "demote") (param v128) (result v128)  ;; 1, 1
    (f32x4.demote_f64x2_zero (local.get 0)))
  (func (export "promote") (param v128) (result v128)  ;; 1, 1
    (f64x2.promote_low_f32x4 (local.get 0)))
  (func (export "narrow_s") (param v128 v128) (result v128)  ;; 1, 1
    (i8x16.narrow_i16x8_s (local.get 0) (local.get 1)))
  (func (export "narrow_u") (param v128 v128) (result v128)  ;; 1, 1
    (i16x8.narrow_i32x4_u (local.get 0) (local.get 1)))
  (func (export "extmul_8") (param v128 v128) (result v128)  ;; 5, 5
    (i16x8.extmul_high_i8x16_s (local.get 0) (local.get 1)))
  (func (export "extmul_16") (param v128 v128) (result v128)  ;; 3, 3
    (i32x4.extmul_low_i16x8_u (local.get 0) (local.get 1)))
  (func (export "extmul_32") (param v128 v128) (result v128)  ;; 3, 5
    (i64x2.extmul_high_i32x4_s (local.get 0) (local.get 1)))
  (func (export "extadd_8_s") (param v128) (result v128)  ;; 4, 2
    (i16x8.extadd_pairwise_i8x16_s (local.get 0)))
  (func (export "extadd_8_u") (param v128) (result v128)  ;; 2, 1
    (i16x8.extadd_pairwise_i8x16_u (local.get 0)))
  (func (export "extadd_16_s") (param v128) (result v128)  ;; 2, 1
    (i32x4.extadd_pairwise_i16x8_s (local.get 0)))
  (func (export "extadd_16_u") (param v128) (result v128)  ;; 3, 3
    (i32x4.extadd_pairwise_i16x8_u (local.get 0)))
  (func (export "dot") (param v128 v128) (result v128)  ;; 1, 1
    (i32x4.dot_i16x8_s (local.get 0) (local.get 1)))
  (func (export "q15mulr") (param v128 v128) (result v128)  ;; 5, 3
    (i16x8.q15mulr_sat_s (local.get 0) (local.get 1)))
  (func (export "bitmask_8") (param v128) (result i32)  ;; 1, 1
    (i8x16.bitmask (local.get 0)))
  (func (export "bitmask_16") (param v128) (result i32)  ;; 3, 3
    (i16x8.bitmask (local.get 0)))
  (func (export "bitmask_64") (param v128) (result i32)  ;; 1, 1
    (i64x2.bitmask (local.get 0)))
  (func (export "all_true") (param v128) (result i32)  ;; 5, 5
    (i8x16.all_true (local.get 0)))
  (func (export "all_true_64") (param v128) (result i32)  ;; 5, 5
    (i64x2.all_true (local.get 0)))
  (func (export "any_true") (param v128) (result i32)  ;; 3, 3
    (v128.any_true (local.get 0)))
  (func (export "bitselect") (param v128 v128 v128) (result v128)  ;; 3, 3
    (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  (func (export "lt_u") (param v128 v128) (result v128)  ;; 5, 4
    (i8x16.lt_u (local.get 0) (local.get 1)))
  (func (export "gt_s_64") (param v128 v128) (result v128)  ;; 1, 1
    (i64x2.gt_s (local.get 0) (local.get 1)))
  (func (export "load8x8_s") (param i32) (result v128)  ;; 3, 3
    (v128.load8x8_s (local.get 0)))
  (func (export "load32x2_u") (param i32) (result v128)  ;; 3, 3
    (v128.load32x2_u (local.get 0)))
  (func (export "splat8") (param i32) (result v128)  ;; 3, 5
    (v128.load8_splat (local.get 0)))
  (func (export "splat32") (param i32) (result v128)  ;; 3, 5
    (v128.load32_splat (local.get 0)))
  (func (export "splat64") (param i32) (result v128)  ;; 3, 5
    (v128.load64_splat (local.get 0)))
  (func (export "zero32") (param i32) (result v128)  ;; 3, 4
    (v128.load32_zero (local.get 0)))
  (func (export "zero64") (param i32) (result v128)  ;; 3, 4
    (v128.load64_zero (local.get 0)))
  (func (export "lane8") (param i32 v128) (result v128)  ;; 3, 4
    (v128.load8_lane 3 (local.get 0) (local.get 1)))
  (func (export "lane64") (param i32 v128) (result v128)  ;; 3, 4
    (v128.load64_lane 1 (local.get 0) (local.get 1)))
  (func (export "store8") (param i32 v128)  ;; 3, 3
    (v128.store8_lane 3 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 v128)  ;; 3, 3
    (v128.store64_lane 1 (local.get 0) (local.get 1)))
  (func (export "madd") (param v128 v128 v128) (result v128)  ;; 1, 1
    (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
  (func (export "nmadd") (param v128 v128 v128) (result v128)  ;; 1, 1
    (f64x2.relaxed_nmadd (local.get 0) (local.get 1) (local.get 2)))
  (func (export "relaxed_trunc_u") (param v128) (result v128)  ;; 8, 13
    (i32x4.relaxed_trunc_f32x4_u (local.get 0)))
  (func (export "laneselect") (param v128 v128 v128) (result v128)  ;; 1, 1
    (i32x4.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func (export "relaxed_dot") (param v128 v128) (result v128)  ;; 2, 1
    (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
  (func (export "relaxed_dot_add") (param v128 v128 v128) (result v128)  ;; 6, 3
    (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2))))
;;| ; code of wasm_f0
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  paddusb xmm1, xmmword ptr [rip]
;;|      c  pshufb xmm0, xmm1
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f1
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pshufb xmm0, xmmword ptr [rip]
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f2
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pshufb xmm1, xmmword ptr [rip]
;;|      d  pshufb xmm0, xmmword ptr [rip]
;;|     16  por xmm0, xmm1
;;|     1a  pop rbp
;;|     1b  ret
;;| ; code of wasm_f3
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  unpcklps xmm0, xmm1
;;|      7  pop rbp
;;|      8  ret
;;| ; code of wasm_f4
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm2, xmmword ptr [rip]
;;|      c  movdqa xmm3, xmm0
;;|     10  pand xmm3, xmm2
;;|     14  movdqa xmm1, xmmword ptr [rip]
;;|     1c  movdqa xmm4, xmm1
;;|     20  pshufb xmm4, xmm3
;;|     25  psrlw xmm0, 4
;;|     2a  pand xmm0, xmm2
;;|     2e  pshufb xmm1, xmm0
;;|     33  paddb xmm1, xmm4
;;|     37  movdqa xmm0, xmm1
;;|     3b  pop rbp
;;|     3c  ret
;;| ; code of wasm_f5
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  movd xmm1, esi
;;|      b  psllw xmm0, xmm1
;;|      f  pcmpeqd xmm2, xmm2
;;|     13  psllw xmm2, xmm1
;;|     17  pxor xmm1, xmm1
;;|     1b  pshufb xmm2, xmm1
;;|     20  pand xmm0, xmm2
;;|     24  pop rbp
;;|     25  ret
;;| ; code of wasm_f6
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  or esi, 8
;;|      a  movdqa xmm1, xmm0
;;|      e  punpcklbw xmm1, xmm0
;;|     12  movd xmm2, esi
;;|     16  psraw xmm1, xmm2
;;|     1a  punpckhbw xmm0, xmm0
;;|     1e  psraw xmm0, xmm2
;;|     22  packsswb xmm1, xmm0
;;|     26  movdqa xmm0, xmm1
;;|     2a  pop rbp
;;|     2b  ret
;;| ; code of wasm_f7
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  movd xmm1, esi
;;|      b  psrlw xmm0, xmm1
;;|      f  pcmpeqd xmm2, xmm2
;;|     13  psrlw xmm2, xmm1
;;|     17  pshufb xmm2, xmmword ptr [rip]
;;|     20  pand xmm0, xmm2
;;|     24  pop rbp
;;|     25  ret
;;| ; code of wasm_f8
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  psllw xmm0, 3
;;|      9  pand xmm0, xmmword ptr [rip]
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f9
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 63
;;|      7  movd xmm1, esi
;;|      b  movdqa xmm2, xmmword ptr [rip]
;;|     13  psrlq xmm2, xmm1
;;|     17  psrlq xmm0, xmm1
;;|     1b  pxor xmm0, xmm2
;;|     1f  psubq xmm0, xmm2
;;|     23  pop rbp
;;|     24  ret
;;| ; code of wasm_f10
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm2, xmm1
;;|      8  psrlq xmm2, 32
;;|      d  pmuludq xmm2, xmm0
;;|     11  movdqa xmm3, xmm0
;;|     15  psrlq xmm3, 32
;;|     1a  pmuludq xmm3, xmm1
;;|     1e  paddq xmm3, xmm2
;;|     22  psllq xmm3, 32
;;|     27  pmuludq xmm0, xmm1
;;|     2b  paddq xmm0, xmm3
;;|     2f  pop rbp
;;|     30  ret
;;| ; code of wasm_f11
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pxor xmm1, xmm1
;;|      8  psubq xmm1, xmm0
;;|      c  blendvpd xmm0, xmm1, xmm0
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f12
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movaps xmm2, xmm0
;;|      7  cmpunordps xmm2, xmm1
;;|      b  movaps xmm3, xmm0
;;|      e  minps xmm3, xmm1
;;|     11  minps xmm1, xmm0
;;|     14  orps xmm3, xmm1
;;|     17  movaps xmm0, xmm2
;;|     1a  blendvps xmm3, xmmword ptr [rip], xmm0
;;|     23  movaps xmm0, xmm3
;;|     26  pop rbp
;;|     27  ret
;;| ; code of wasm_f13
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movapd xmm2, xmm0
;;|      8  cmpunordpd xmm2, xmm1
;;|      d  movapd xmm3, xmm0
;;|     11  maxpd xmm3, xmm1
;;|     15  maxpd xmm1, xmm0
;;|     19  andpd xmm3, xmm1
;;|     1d  movapd xmm0, xmm2
;;|     21  blendvpd xmm3, xmmword ptr [rip], xmm0
;;|     2a  movapd xmm0, xmm3
;;|     2e  pop rbp
;;|     2f  ret
;;| ; code of wasm_f14
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  minps xmm1, xmm0
;;|      7  movaps xmm0, xmm1
;;|      a  pop rbp
;;|      b  ret
;;| ; code of wasm_f15
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  maxpd xmm1, xmm0
;;|      8  movapd xmm0, xmm1
;;|      c  pop rbp
;;|      d  ret
;;| ; code of wasm_f16
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movaps xmm1, xmm0
;;|      7  cmpnltps xmm1, xmmword ptr [rip]
;;|      f  cvttps2dq xmm2, xmm0
;;|     13  xorps xmm2, xmm1
;;|     16  cmpordps xmm0, xmm0
;;|     1a  andps xmm0, xmm2
;;|     1d  pop rbp
;;|     1e  ret
;;| ; code of wasm_f17
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  xorps xmm1, xmm1
;;|      7  maxps xmm0, xmm1
;;|      a  cvttps2dq xmm1, xmm0
;;|      e  addps xmm0, xmmword ptr [rip]
;;|     15  movaps xmm2, xmmword ptr [rip]
;;|     1c  cmpleps xmm2, xmm0
;;|     20  cvttps2dq xmm0, xmm0
;;|     24  orps xmm2, xmm1
;;|     27  psrad xmm1, 31
;;|     2c  pand xmm1, xmm0
;;|     30  por xmm1, xmm2
;;|     34  movdqa xmm0, xmm1
;;|     38  pop rbp
;;|     39  ret
;;| ; code of wasm_f18
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movapd xmm1, xmm0
;;|      8  cmpordpd xmm1, xmm0
;;|      d  andpd xmm1, xmmword ptr [rip]
;;|     15  minpd xmm0, xmm1
;;|     19  cvttpd2dq xmm0, xmm0
;;|     1d  pop rbp
;;|     1e  ret
;;| ; code of wasm_f19
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  xorpd xmm1, xmm1
;;|      8  maxpd xmm0, xmm1
;;|      c  minpd xmm0, xmmword ptr [rip]
;;|     14  roundpd xmm0, xmm0, 11
;;|     1a  addpd xmm0, xmmword ptr [rip]
;;|     22  insertps xmm0, xmm0, 156
;;|     28  pop rbp
;;|     29  ret
;;| ; code of wasm_f20
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm1, xmmword ptr [rip]
;;|      c  pblendw xmm1, xmm0, 85
;;|     12  psrld xmm0, 16
;;|     17  pblendw xmm0, xmmword ptr [rip], 170
;;|     21  subps xmm0, xmmword ptr [rip]
;;|     28  addps xmm0, xmm1
;;|     2b  pop rbp
;;|     2c  ret
;;| ; code of wasm_f21
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmovzxdq xmm0, xmm0
;;|      9  movdqa xmm1, xmmword ptr [rip]
;;|     11  por xmm0, xmm1
;;|     15  subpd xmm0, xmm1
;;|     19  pop rbp
;;|     1a  ret
;;| ; code of wasm_f22
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  cvtpd2ps xmm0, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f23
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  cvtps2pd xmm0, xmm0
;;|      7  pop rbp
;;|      8  ret
;;| ; code of wasm_f24
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  packsswb xmm0, xmm1
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f25
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  packusdw xmm0, xmm1
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f26
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pshufd xmm0, xmm0, 238
;;|      9  pmovsxbw xmm2, xmm0
;;|      e  pshufd xmm0, xmm1, 238
;;|     13  pmovsxbw xmm0, xmm0
;;|     18  pmullw xmm0, xmm2
;;|     1c  pop rbp
;;|     1d  ret
;;| ; code of wasm_f27
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm2, xmm1
;;|      8  pmullw xmm2, xmm0
;;|      c  pmulhuw xmm0, xmm1
;;|     10  punpcklwd xmm2, xmm0
;;|     14  movdqa xmm0, xmm2
;;|     18  pop rbp
;;|     19  ret
;;| ; code of wasm_f28
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pshufd xmm2, xmm0, 246
;;|      9  pshufd xmm0, xmm1, 246
;;|      e  pmuldq xmm0, xmm2
;;|     13  pop rbp
;;|     14  ret
;;| ; code of wasm_f29
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm1, xmmword ptr [rip]
;;|      c  pmaddubsw xmm1, xmm0
;;|     11  movdqa xmm0, xmm1
;;|     15  pop rbp
;;|     16  ret
;;| ; code of wasm_f30
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaddubsw xmm0, xmmword ptr [rip]
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f31
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaddwd xmm0, xmmword ptr [rip]
;;|      c  pop rbp
;;|      d  ret
;;| ; code of wasm_f32
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movdqa xmm1, xmm0
;;|      8  psrld xmm1, 16
;;|      d  pxor xmm2, xmm2
;;|     11  pblendw xmm0, xmm2, 170
;;|     17  paddd xmm0, xmm1
;;|     1b  pop rbp
;;|     1c  ret
;;| ; code of wasm_f33
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaddwd xmm0, xmm1
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f34
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmulhrsw xmm0, xmm1
;;|      9  movdqa xmm1, xmmword ptr [rip]
;;|     11  pcmpeqw xmm1, xmm0
;;|     15  pxor xmm0, xmm1
;;|     19  pop rbp
;;|     1a  ret
;;| ; code of wasm_f35
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmovmskb eax, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f36
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  packsswb xmm0, xmm0
;;|      8  pmovmskb eax, xmm0
;;|      c  movzx eax, al
;;|      f  pop rbp
;;|     10  ret
;;| ; code of wasm_f37
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movmskpd eax, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f38
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pxor xmm1, xmm1
;;|      8  pcmpeqb xmm1, xmm0
;;|      c  pmovmskb ecx, xmm1
;;|     10  xor eax, eax
;;|     12  test ecx, ecx
;;|     14  sete al
;;|     17  pop rbp
;;|     18  ret
;;| ; code of wasm_f39
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pxor xmm1, xmm1
;;|      8  pcmpeqq xmm1, xmm0
;;|      d  movmskpd ecx, xmm1
;;|     11  xor eax, eax
;;|     13  test ecx, ecx
;;|     15  sete al
;;|     18  pop rbp
;;|     19  ret
;;| ; code of wasm_f40
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  xor eax, eax
;;|      6  ptest xmm0, xmm0
;;|      b  setne al
;;|      e  pop rbp
;;|      f  ret
;;| ; code of wasm_f41
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  andps xmm0, xmm2
;;|      7  andnps xmm2, xmm1
;;|      a  orps xmm0, xmm2
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f42
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaxub xmm1, xmm0
;;|      8  pcmpeqb xmm0, xmm1
;;|      c  pcmpeqd xmm1, xmm1
;;|     10  pxor xmm0, xmm1
;;|     14  pop rbp
;;|     15  ret
;;| ; code of wasm_f43
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pcmpgtq xmm0, xmm1
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f44
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pmovsxbw xmm0, qword ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f45
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pmovzxdq xmm0, qword ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f46
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  movzx eax, byte ptr [rax + rcx]
;;|      e  movd xmm0, eax
;;|     12  pxor xmm1, xmm1
;;|     16  pshufb xmm0, xmm1
;;|     1b  pop rbp
;;|     1c  ret
;;| ; code of wasm_f47
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  movd xmm0, dword ptr [rax + rcx]
;;|      f  pshufd xmm0, xmm0, 0
;;|     14  pop rbp
;;|     15  ret
;;| ; code of wasm_f48
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  movddup xmm0, qword ptr [rax + rcx]
;;|      f  pop rbp
;;|     10  ret
;;| ; code of wasm_f49
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  mov eax, dword ptr [rax + rcx]
;;|      d  movd xmm0, eax
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f50
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  movq xmm0, qword ptr [rax + rcx]
;;|      f  movq xmm0, xmm0
;;|     13  pop rbp
;;|     14  ret
;;| ; code of wasm_f51
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pinsrb xmm0, byte ptr [rax + rcx], 3
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f52
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pinsrq xmm0, qword ptr [rax + rcx], 1
;;|     12  pop rbp
;;|     13  ret
;;| ; code of wasm_f53
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pextrb byte ptr [rax + rcx], xmm0, 3
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f54
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  pextrq qword ptr [rax + rcx], xmm0, 1
;;|     12  pop rbp
;;|     13  ret
;;| ; code of wasm_f55
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mulps xmm0, xmm1
;;|      7  addps xmm0, xmm2
;;|      a  pop rbp
;;|      b  ret
;;| ; code of wasm_f56
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mulpd xmm0, xmm1
;;|      8  subpd xmm2, xmm0
;;|      c  movapd xmm0, xmm2
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f57
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  cvttps2dq xmm1, xmm0
;;|      8  addps xmm0, xmmword ptr [rip]
;;|      f  cvttps2dq xmm2, xmm0
;;|     13  movdqa xmm0, xmm1
;;|     17  psrad xmm0, 31
;;|     1c  pand xmm0, xmm2
;;|     20  por xmm0, xmm1
;;|     24  pop rbp
;;|     25  ret
;;| ; code of wasm_f58
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  movaps xmm3, xmm0
;;|      7  movaps xmm0, xmm2
;;|      a  blendvps xmm1, xmm3, xmm0
;;|      f  movaps xmm0, xmm1
;;|     12  pop rbp
;;|     13  ret
;;| ; code of wasm_f59
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaddubsw xmm1, xmm0
;;|      9  movdqa xmm0, xmm1
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f60
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  pmaddubsw xmm1, xmm0
;;|      9  pmaddwd xmm1, xmmword ptr [rip]
;;|     11  paddd xmm1, xmm2
;;|     15  movdqa xmm0, xmm1
;;|     19  pop rbp
;;|     1a  ret
