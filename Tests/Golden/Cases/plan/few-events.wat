;; A recording of so few events says nothing: the module is compiled as without a profile.
;;! stage: plan
;;! record: run(1,3)
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
;;| ; plan
;;| 4 functions, 4 optimized, 0 with deopts; 0 bodies inlined (0 bytes)
;;| table 0: immutable, 3 of 3 entries known
;;| dispatch: table 0, (i32) -> (i32)
;;|
;;| f0 double: light, entries 0
;;|
;;| f1 square: light, entries 0
;;|
;;| f2 negate: light, entries 0
;;|
;;| f3 run: full, entries 0
;;|   @95 call: noFeedback (0)
