;; What was planned, and why.
;;! stage: inspect --sites
;;! record: run(1,20000) run(0,9000)
;;! show: @|f0|f1|f2
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $negate)
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0)))
  (func $negate (type $op) (i32.sub (i32.const 0) (local.get 0)))
  (func $run (export "run") (param $which i32) (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect (type $op) (local.get $n) (local.get $which))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;;|   f3 "run" @95: inlined, guard index, else deopt (0); 29000 calls, 33.3 % of all events
;;|     f1 "square"  20000  inlined
;;|     f0 "double"  9000  inlined
;;|   f3 "run" @95: genericVersion, guard index, else call (0); 29000 calls, 33.3 % of all events
;;|     f1 "square"  20000  inlined
;;|     f0 "double"  9000  inlined
