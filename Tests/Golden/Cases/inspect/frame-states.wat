;; Where each local and operand is when a guard fails.
;;! stage: inspect --frame-states
;;! targets: 1
;;! show:  = |@|code+
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;|   code+32, guard 0
;;|     f0 "run" before @58
;;|       local 0 i32 = 0x0
;;|       operand 0 i32 = 0x14
;;|       operand 1 i32 = rsi
