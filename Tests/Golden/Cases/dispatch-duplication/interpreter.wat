;; Four hot handlers get a dispatch each, although they meet in two places: one leaves $sum as it is. Copies reach the handler that never
;; ran by way of the one switch.
;;! stage: dispatch-duplication
;;! function: 0
;;! record: run(40000)
;;! show: switch
(module
  (memory 1)
  (data (i32.const 0) "\00\01\02\03\01\00\03\02\02\00\01\03\03\02\01\00")
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
;;| ; dispatch-duplication
;;| -  switch i8 %i64, label %.outer.backedge [
;;| +  switch i8 %16, label %.outer.backedge [
;;| +  switch i8 %23, label %15 [
;;| +  switch i8 %35, label %15 [
;;| +  switch i8 %47, label %15 [
;;| +  switch i8 %59, label %15 [
