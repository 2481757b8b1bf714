;; Versions of functions.
;;! stage: inspect --functions
;;! targets: 1
;;! show: f0|f1|f2
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;|   f0 "run"  speculative 43  generic 214
;;|   f1 "double"  code 9
;;|   f2 "square"  code 12
