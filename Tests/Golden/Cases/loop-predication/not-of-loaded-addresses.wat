;; Not accesses whose addresses the loop loads.
;;! stage: loop-predication
;;! function: 0
;;! record: chase(0,100)
(module
  (memory 1)
  (func (export "chase") (param $p i32) (param $n i32) (result i32)
    (loop $again
      (local.set $p (i32.load (local.get $p)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $p)))
;;| ; loop-predication
;;| +  %0 = add i32 %i8, -1
;;| +  %1 = sub i32 %0, 0
;;| +  %2 = and i32 %1, 0
;;| +  %3 = lshr i32 %1, 0
;;| +  %4 = icmp eq i32 %2, 0
;;| +  %5 = zext i32 %3 to i64
;;| +  %6 = getelementptr i8, ptr %arg, i64 16
;;| +  %7 = load ptr, ptr %6, align 8
;;| +  %8 = getelementptr i8, ptr %7, i64 8
;;| +  %9 = load i64, ptr %8, align 8
