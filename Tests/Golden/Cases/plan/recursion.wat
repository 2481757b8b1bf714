;; Recursion is inlined a few levels deep only.
;;! stage: plan
;;! record: fib(20)
(module
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
;;| ; plan
;;| 1 functions, 1 optimized, 0 with deopts; 2 bodies inlined (54 bytes)
;;|
;;| f0 fib: middle, entries 21891
;;|   @49 f0 fib inlined (10945); inlined
;;|   @56 f0 fib inlined (10945); inlined
;;|     @49: f0 fib ×0.50
;;|       @49 call: recursive (10945)
;;|       @56 call: recursive (10945)
;;|     @56: f0 fib ×0.50
;;|       @49 call: recursive (10945)
;;|       @56 call: recursive (10945)
