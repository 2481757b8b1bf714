;; The processor predicts the one jump as it is: nothing changes.
;;! stage: dispatch-duplication
;;! function: 0
;;! record: run(40000)
(module
  (memory 1)
  (data (i32.const 0) "\00\00\00\00\01\00\00\00\02\00\00\03\00\00\00\00")
  (func $run (export "run") (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $next
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $done (i32.eqz (local.get $n)))
        (block $e (block $d (block $c (block $b (block $a
          (br_table $a $b $c $d $e
            (i32.load8_u (i32.and (local.get $n) (i32.const 15)))))
          (local.set $sum (i32.add (local.get $sum) (local.get $n)))
          (br $next))
          (local.set $sum (i32.rotl (local.get $sum) (local.get $n)))
          (br $next))
          (i32.store (i32.const 64) (local.get $sum))
          (br $next))
          (local.set $sum (i32.xor (local.get $sum) (i32.load (i32.const 64))))
          (br $next))
        (local.set $sum (i32.const 0))
        (br $next)))
    (local.get $sum)))
