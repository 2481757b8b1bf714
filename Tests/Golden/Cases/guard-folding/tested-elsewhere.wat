;; Two calls through one index, neither on the way to the other: both guards stay.
;;! stage: guard-folding
;;! function: 1
;;! targets: 0
(module
  (type $op (func (param i32) (result i32)))
  (table 2 2 funcref)
  (elem (i32.const 0) $double $run)
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $run (export "run") (param $x i32) (param $which i32) (result i32)
    (if (result i32) (local.get $x)
      (then (call_indirect (type $op) (i32.const 3) (local.get $which)))
      (else (call_indirect (type $op) (i32.const 5) (local.get $which))))))
