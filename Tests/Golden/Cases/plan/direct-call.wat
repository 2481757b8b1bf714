;; A small function that is called directly is inlined without a guard.
;;! stage: plan
;;! record: run(20000)
(module
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $run (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $square (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;;| ; plan
;;| 2 functions, 1 optimized, 0 with deopts; 1 bodies inlined (6 bytes)
;;|
;;| f1 run: full, entries 1
;;|   @51 f0 square inlined (20000); inlined
;;|     @51: f0 square ×20000.00
