;; A guard in a body that was inlined: the outer frame goes on after its call.
;;! stage: frame-states
;;! targets: 2
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $inner $outer $run)
  (func $run (export "run") (param i32 i64) (result i32)
    (i32.add (i32.wrap_i64 (local.get 1)) (call $outer (local.get 0))))
  (func $outer (type $op) (local f64) (call_indirect (type $op) (local.get 0) (i32.const 0)))
  (func $inner (type $op) (local.get 0)))
;;| ; frame-states
;;| 0 in f0
;;|   f0 after @65: locals [i32, i64], operands [i32]
;;|   f1 before @77: locals [i32, f64], operands [i32, i32]
;;| 1 in f1
;;|   f1 before @77: locals [i32, f64], operands [i32, i32]
