;; A guard: its compare in the code, and the call that it guards.
;;! stage: guards
;;! function: 0
;;! targets: 1
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;| ; guards
;;| wasm_f0+6, 5 bytes: guard 0, @58 in node 0
