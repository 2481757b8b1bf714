;; The reference is the topmost operand of the frame that repeats the call.
;;! stage: frame-states
;;! function: 0
;;! targets: 2
(module
  (type $t (func (param i32) (result i32)))
  (table 2 2 (ref null $t)) (elem (table 0) (i32.const 0) (ref null $t) (ref.func $leaf))
  (func $outer (param $n i32) (result i32) (local $f (ref $t))
    (local.set $f (ref.as_non_null (table.get 0 (local.get $n))))
    (i32.add (local.get $n) (call $inner (local.get $n) (local.get $f))))
  (func $inner (param $n i32) (param $f (ref $t)) (result i32)
    (i64.const 5)
    (local.set $n (call_ref $t (local.get $n) (local.get $f)))
    (i32.add (i32.wrap_i64) (local.get $n)))
  (func $leaf (type $t) (local.get 0)))
;;| ; frame-states
;;| 0 in f0
;;|   f0 after @72: locals [i32, funcref], operands [i32]
;;|   f1 before @84: locals [i32, funcref], operands [i64, i32, funcref]
