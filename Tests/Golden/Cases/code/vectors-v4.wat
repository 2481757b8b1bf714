;; The vector instructions for which processors have no instruction of their own, or for which plain IR would be slow. Behind
;; each: how many instructions V8 11.3 makes of it with AVX, and Cranelift of wasmtime 50 with AVX-512, without prologue and
;; epilogue. More of ours: a load of a lane with zeros above it goes through another register, because accesses are volatile.
;;! stage: code
;;! cpu: x86-64-v4
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
