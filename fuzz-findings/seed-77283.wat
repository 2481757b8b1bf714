;; ; seed-77283: crashed, setting -1: crashed: Killed
;; seed 77283
;; training run 0 10 66
(module
  (type $t0 (func (param i64 i64 i32 f32) (result f32 f32)))
  (global $hash (export "hash") (mut i64) (i64.const 1))
  (table $fixed 6 6 funcref)
  (elem (table $fixed) (i32.const 0) func $f0_0 $f0_1)
  (func $f0_0
    (type $t0)
    (local f32 f64)
    (local $nan_f32 f32)
    (local $nan_f64 f64)
    (f32.const 0)
    (f32.min (f32.copysign (local.get 3) (f32.const 0)) (f32.min (local.get 4) (local.get 3))))
  (func $f0_1
    (type $t0)
    (local i32 f32 i32 f32 f32)
    (local $nan_f32 f32)
    (local $nan_f64 f64)
    (f32.const 0)
    (f32.const 0))
  (func
    (export "run")
    (param i32 i32 i32)
    (result i64)
    (loop $again (i32.const 0) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 118) (f32.convert_i32_s (local.get 1)) (call_indirect $fixed (type $t0) (i32.const 0)) (i32.reinterpret_f32) (i64.extend_i32_u) (global.set $hash) (i32.reinterpret_f32) (i64.extend_i32_u) (global.set $hash) (i64.extend_i32_s) (global.set $hash) (i64.extend_i32_s) (global.set $hash) (br_if $again (i32.const 0)))
    (i64.const 0)))
