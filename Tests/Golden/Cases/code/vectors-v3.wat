;; The vector instructions for which processors have no instruction of their own, or for which plain IR would be slow. Behind
;; each: how many instructions V8 11.3 makes of it with AVX, and Cranelift of wasmtime 50 with AVX-512 and BITALG, without
;; prologue and epilogue. We have more, apart from moves that two-operand instructions need, in
;;   - load32_zero and load64_zero: accesses are volatile, and LLVM does not merge those with the zeros;
;;   - extadd_pairwise of words: LLVM blends with a register of zeros, which costs no execution;
;;   - all_true: LLVM prefers pmovmskb to ptest;
;;   - popcnt and shr_u beside Cranelift: BITALG, and a table in memory.
;;! stage: code
;;! cpu: x86-64-v3
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
;;|      4  vpaddusb xmm1, xmm1, xmmword ptr [rip]
;;|      c  vpshufb xmm0, xmm0, xmm1
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f1
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpshufb xmm0, xmm0, xmmword ptr [rip]
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f2
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpshufb xmm1, xmm1, xmmword ptr [rip]
;;|      d  vpshufb xmm0, xmm0, xmmword ptr [rip]
;;|     16  vpor xmm0, xmm0, xmm1
;;|     1a  pop rbp
;;|     1b  ret
;;| ; code of wasm_f3
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vunpcklps xmm0, xmm0, xmm1
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f4
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpbroadcastb xmm1, byte ptr [rip]
;;|      d  vpand xmm2, xmm0, xmm1
;;|     11  vmovdqa xmm3, xmmword ptr [rip]
;;|     19  vpshufb xmm2, xmm3, xmm2
;;|     1e  vpsrlw xmm0, xmm0, 4
;;|     23  vpand xmm0, xmm0, xmm1
;;|     27  vpshufb xmm0, xmm3, xmm0
;;|     2c  vpaddb xmm0, xmm0, xmm2
;;|     30  pop rbp
;;|     31  ret
;;| ; code of wasm_f5
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  vmovd xmm1, esi
;;|      b  vpsllw xmm0, xmm0, xmm1
;;|      f  vpcmpeqd xmm2, xmm2, xmm2
;;|     13  vpsllw xmm1, xmm2, xmm1
;;|     17  vpbroadcastb xmm1, xmm1
;;|     1c  vpand xmm0, xmm0, xmm1
;;|     20  pop rbp
;;|     21  ret
;;| ; code of wasm_f6
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  or esi, 8
;;|      a  vpunpcklbw xmm1, xmm0, xmm0
;;|      e  vmovd xmm2, esi
;;|     12  vpsraw xmm1, xmm1, xmm2
;;|     16  vpunpckhbw xmm0, xmm0, xmm0
;;|     1a  vpsraw xmm0, xmm0, xmm2
;;|     1e  vpacksswb xmm0, xmm1, xmm0
;;|     22  pop rbp
;;|     23  ret
;;| ; code of wasm_f7
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 7
;;|      7  vmovd xmm1, esi
;;|      b  vpsrlw xmm0, xmm0, xmm1
;;|      f  vpcmpeqd xmm2, xmm2, xmm2
;;|     13  vpsrlw xmm1, xmm2, xmm1
;;|     17  vpshufb xmm1, xmm1, xmmword ptr [rip]
;;|     20  vpand xmm0, xmm0, xmm1
;;|     24  pop rbp
;;|     25  ret
;;| ; code of wasm_f8
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpsllw xmm0, xmm0, 3
;;|      9  vpand xmm0, xmm0, xmmword ptr [rip]
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f9
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  and esi, 63
;;|      7  vmovq xmm1, rsi
;;|      c  vpbroadcastq xmm1, xmm1
;;|     11  vpbroadcastq xmm2, qword ptr [rip]
;;|     1a  vpsrlq xmm2, xmm2, xmm1
;;|     1e  vpsrlq xmm0, xmm0, xmm1
;;|     22  vpxor xmm0, xmm0, xmm2
;;|     26  vpsubq xmm0, xmm0, xmm2
;;|     2a  pop rbp
;;|     2b  ret
;;| ; code of wasm_f10
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpsrlq xmm2, xmm1, 32
;;|      9  vpmuludq xmm2, xmm2, xmm0
;;|      d  vpsrlq xmm3, xmm0, 32
;;|     12  vpmuludq xmm3, xmm1, xmm3
;;|     16  vpaddq xmm2, xmm3, xmm2
;;|     1a  vpsllq xmm2, xmm2, 32
;;|     1f  vpmuludq xmm0, xmm1, xmm0
;;|     23  vpaddq xmm0, xmm0, xmm2
;;|     27  pop rbp
;;|     28  ret
;;| ; code of wasm_f11
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpxor xmm1, xmm1, xmm1
;;|      8  vpsubq xmm1, xmm1, xmm0
;;|      c  vblendvpd xmm0, xmm0, xmm1, xmm0
;;|     12  pop rbp
;;|     13  ret
;;| ; code of wasm_f12
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vcmpunordps xmm2, xmm0, xmm1
;;|      9  vminps xmm3, xmm0, xmm1
;;|      d  vminps xmm0, xmm1, xmm0
;;|     11  vorps xmm0, xmm0, xmm3
;;|     15  vbroadcastss xmm1, dword ptr [rip]
;;|     1e  vblendvps xmm0, xmm0, xmm1, xmm2
;;|     24  pop rbp
;;|     25  ret
;;| ; code of wasm_f13
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vcmpunordpd xmm2, xmm0, xmm1
;;|      9  vmaxpd xmm3, xmm0, xmm1
;;|      d  vmaxpd xmm0, xmm1, xmm0
;;|     11  vandpd xmm0, xmm0, xmm3
;;|     15  vblendvpd xmm0, xmm0, xmmword ptr [rip], xmm2
;;|     1f  pop rbp
;;|     20  ret
;;| ; code of wasm_f14
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vminps xmm0, xmm1, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f15
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vmaxpd xmm0, xmm1, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f16
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vbroadcastss xmm1, dword ptr [rip]
;;|      d  vcmpnltps xmm1, xmm0, xmm1
;;|     12  vcvttps2dq xmm2, xmm0
;;|     16  vxorps xmm1, xmm2, xmm1
;;|     1a  vcmpordps xmm0, xmm0, xmm0
;;|     1f  vandps xmm0, xmm1, xmm0
;;|     23  pop rbp
;;|     24  ret
;;| ; code of wasm_f17
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vxorps xmm1, xmm1, xmm1
;;|      8  vmaxps xmm0, xmm0, xmm1
;;|      c  vbroadcastss xmm1, dword ptr [rip]
;;|     15  vaddps xmm1, xmm0, xmm1
;;|     19  vbroadcastss xmm2, dword ptr [rip]
;;|     22  vcmpleps xmm2, xmm2, xmm1
;;|     27  vcvttps2dq xmm0, xmm0
;;|     2b  vcvttps2dq xmm1, xmm1
;;|     2f  vpsrad xmm3, xmm0, 31
;;|     34  vpand xmm1, xmm3, xmm1
;;|     38  vorps xmm0, xmm2, xmm0
;;|     3c  vorps xmm0, xmm0, xmm1
;;|     40  pop rbp
;;|     41  ret
;;| ; code of wasm_f18
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vcmpordpd xmm1, xmm0, xmm0
;;|      9  vandpd xmm1, xmm1, xmmword ptr [rip]
;;|     11  vminpd xmm0, xmm0, xmm1
;;|     15  vcvttpd2dq xmm0, xmm0
;;|     19  pop rbp
;;|     1a  ret
;;| ; code of wasm_f19
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vxorpd xmm1, xmm1, xmm1
;;|      8  vmaxpd xmm0, xmm0, xmm1
;;|      c  vminpd xmm0, xmm0, xmmword ptr [rip]
;;|     14  vroundpd xmm0, xmm0, 11
;;|     1a  vaddpd xmm0, xmm0, xmmword ptr [rip]
;;|     22  vinsertps xmm0, xmm0, xmm0, 156
;;|     28  pop rbp
;;|     29  ret
;;| ; code of wasm_f20
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpbroadcastd xmm1, dword ptr [rip]
;;|      d  vpblendw xmm1, xmm0, xmm1, 170
;;|     13  vpsrld xmm0, xmm0, 16
;;|     18  vpbroadcastd xmm2, dword ptr [rip]
;;|     21  vpblendw xmm0, xmm0, xmm2, 170
;;|     27  vbroadcastss xmm2, dword ptr [rip]
;;|     30  vsubps xmm0, xmm0, xmm2
;;|     34  vaddps xmm0, xmm1, xmm0
;;|     38  pop rbp
;;|     39  ret
;;| ; code of wasm_f21
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmovzxdq xmm0, xmm0
;;|      9  vpbroadcastq xmm1, qword ptr [rip]
;;|     12  vpor xmm0, xmm0, xmm1
;;|     16  vsubpd xmm0, xmm0, xmm1
;;|     1a  pop rbp
;;|     1b  ret
;;| ; code of wasm_f22
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vcvtpd2ps xmm0, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f23
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vcvtps2pd xmm0, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f24
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpacksswb xmm0, xmm0, xmm1
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f25
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpackusdw xmm0, xmm0, xmm1
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f26
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpshufd xmm0, xmm0, 238
;;|      9  vpmovsxbw xmm0, xmm0
;;|      e  vpshufd xmm1, xmm1, 238
;;|     13  vpmovsxbw xmm1, xmm1
;;|     18  vpmullw xmm0, xmm1, xmm0
;;|     1c  pop rbp
;;|     1d  ret
;;| ; code of wasm_f27
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmullw xmm2, xmm1, xmm0
;;|      8  vpmulhuw xmm0, xmm0, xmm1
;;|      c  vpunpcklwd xmm0, xmm2, xmm0
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f28
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpshufd xmm0, xmm0, 246
;;|      9  vpshufd xmm1, xmm1, 246
;;|      e  vpmuldq xmm0, xmm1, xmm0
;;|     13  pop rbp
;;|     14  ret
;;| ; code of wasm_f29
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpbroadcastb xmm1, byte ptr [rip]
;;|      d  vpmaddubsw xmm0, xmm1, xmm0
;;|     12  pop rbp
;;|     13  ret
;;| ; code of wasm_f30
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaddubsw xmm0, xmm0, xmmword ptr [rip]
;;|      d  pop rbp
;;|      e  ret
;;| ; code of wasm_f31
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaddwd xmm0, xmm0, xmmword ptr [rip]
;;|      c  pop rbp
;;|      d  ret
;;| ; code of wasm_f32
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpsrld xmm1, xmm0, 16
;;|      9  vpxor xmm2, xmm2, xmm2
;;|      d  vpblendw xmm0, xmm0, xmm2, 170
;;|     13  vpaddd xmm0, xmm1, xmm0
;;|     17  pop rbp
;;|     18  ret
;;| ; code of wasm_f33
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaddwd xmm0, xmm0, xmm1
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f34
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmulhrsw xmm0, xmm0, xmm1
;;|      9  vpcmpeqw xmm1, xmm0, xmmword ptr [rip]
;;|     11  vpxor xmm0, xmm0, xmm1
;;|     15  pop rbp
;;|     16  ret
;;| ; code of wasm_f35
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmovmskb eax, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f36
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpacksswb xmm0, xmm0, xmm0
;;|      8  vpmovmskb eax, xmm0
;;|      c  movzx eax, al
;;|      f  pop rbp
;;|     10  ret
;;| ; code of wasm_f37
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vmovmskpd eax, xmm0
;;|      8  pop rbp
;;|      9  ret
;;| ; code of wasm_f38
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpxor xmm1, xmm1, xmm1
;;|      8  vpcmpeqb xmm0, xmm0, xmm1
;;|      c  vpmovmskb ecx, xmm0
;;|     10  xor eax, eax
;;|     12  test ecx, ecx
;;|     14  sete al
;;|     17  pop rbp
;;|     18  ret
;;| ; code of wasm_f39
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpxor xmm1, xmm1, xmm1
;;|      8  vpcmpeqq xmm0, xmm0, xmm1
;;|      d  xor eax, eax
;;|      f  vtestpd xmm0, xmm0
;;|     14  sete al
;;|     17  pop rbp
;;|     18  ret
;;| ; code of wasm_f40
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  xor eax, eax
;;|      6  vptest xmm0, xmm0
;;|      b  setne al
;;|      e  pop rbp
;;|      f  ret
;;| ; code of wasm_f41
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vandps xmm0, xmm2, xmm0
;;|      8  vandnps xmm1, xmm2, xmm1
;;|      c  vorps xmm0, xmm0, xmm1
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f42
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaxub xmm1, xmm0, xmm1
;;|      8  vpcmpeqb xmm0, xmm0, xmm1
;;|      c  vpcmpeqd xmm1, xmm1, xmm1
;;|     10  vpxor xmm0, xmm0, xmm1
;;|     14  pop rbp
;;|     15  ret
;;| ; code of wasm_f43
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpcmpgtq xmm0, xmm0, xmm1
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f44
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpmovsxbw xmm0, qword ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f45
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpmovzxdq xmm0, qword ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f46
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpbroadcastb xmm0, byte ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f47
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vbroadcastss xmm0, dword ptr [rax + rcx]
;;|     10  pop rbp
;;|     11  ret
;;| ; code of wasm_f48
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vmovddup xmm0, qword ptr [rax + rcx]
;;|      f  pop rbp
;;|     10  ret
;;| ; code of wasm_f49
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  mov eax, dword ptr [rax + rcx]
;;|      d  vmovd xmm0, eax
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f50
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vmovq xmm0, qword ptr [rax + rcx]
;;|      f  vmovq xmm0, xmm0
;;|     13  pop rbp
;;|     14  ret
;;| ; code of wasm_f51
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpinsrb xmm0, xmm0, byte ptr [rax + rcx], 3
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f52
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpinsrq xmm0, xmm0, qword ptr [rax + rcx], 1
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f53
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpextrb byte ptr [rax + rcx], xmm0, 3
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f54
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  mov rax, qword ptr [rdi + 8]
;;|      8  mov ecx, esi
;;|      a  vpextrq qword ptr [rax + rcx], xmm0, 1
;;|     11  pop rbp
;;|     12  ret
;;| ; code of wasm_f55
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vfmadd213ps xmm0, xmm1, xmm2
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f56
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vfnmadd213pd xmm0, xmm1, xmm2
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f57
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vbroadcastss xmm1, dword ptr [rip]
;;|      d  vaddps xmm1, xmm0, xmm1
;;|     11  vcvttps2dq xmm0, xmm0
;;|     15  vcvttps2dq xmm1, xmm1
;;|     19  vpsrad xmm2, xmm0, 31
;;|     1e  vpand xmm1, xmm2, xmm1
;;|     22  vpor xmm0, xmm1, xmm0
;;|     26  pop rbp
;;|     27  ret
;;| ; code of wasm_f58
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vblendvps xmm0, xmm1, xmm0, xmm2
;;|      a  pop rbp
;;|      b  ret
;;| ; code of wasm_f59
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaddubsw xmm0, xmm1, xmm0
;;|      9  pop rbp
;;|      a  ret
;;| ; code of wasm_f60
;;|      0  push rbp
;;|      1  mov rbp, rsp
;;|      4  vpmaddubsw xmm0, xmm1, xmm0
;;|      9  vpmaddwd xmm0, xmm0, xmmword ptr [rip]
;;|     11  vpaddd xmm0, xmm0, xmm2
;;|     15  pop rbp
;;|     16  ret
