;; Two calls through one index: behind the first guard's hit the second cannot fail.
;;! stage: guard-folding
;;! function: 1
;;! targets: 0
(module
  (type $op (func (param i32) (result i32)))
  (table 2 2 funcref)
  (elem (i32.const 0) $double $run)
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $run (export "run") (param $x i32) (param $which i32) (result i32)
    (call_indirect (type $op)
      (call_indirect (type $op) (local.get $x) (local.get $which))
      (local.get $which))))
;;| ; guard-folding
;;| -  br i1 %i11, label %bb14, label %bb12
;;| +  br i1 true, label %bb14, label %bb12
