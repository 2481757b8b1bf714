;; Others can change the table, so guards compare the reference.
;;! stage: plan
;;! record: run(1,20000)
(module
  (type $op (func (param i32) (result i32)))
  (table $t (export "table") 3 3 funcref)
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
;;| 4 functions, 3 optimized, 1 with deopts; 1 bodies inlined (6 bytes)
;;| table 0: may change, 3 of 3 entries known
;;|
;;| f0 double: middle, entries 0
;;|
;;| f2 negate: middle, entries 0
;;|
;;| f3 run: full, entries 1, OSR entries @95
;;|   @103 f1 square inlined (20000); indexIfPristine; miss: deopt (0); inlined
;;|     @103: f1 square ×20000.00
