;; Loads of a counted loop are checked in front of it.
;;! stage: loop-predication
;;! function: 0
;;! record: sum(0,9000)
(module
  (memory 1)
  (func (export "sum") (param $p i32) (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (i32.load offset=12 (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
;;| ; loop-predication
;;| +  %0 = zext i32 %i11 to i64
;;| +  %1 = sub i64 %0, 1
;;| +  %2 = icmp sgt i64 %1, 0
;;| +  %3 = add i64 %1, 0
;;| +  %4 = udiv i64 %3, 1
;;| +  %5 = icmp sle i64 %0, 4294967295
;;| +  %6 = select i1 %2, i64 %4, i64 0
;;| +  %7 = getelementptr i8, ptr %arg, i64 16
;;| +  %8 = load ptr, ptr %7, align 8
;;| +  %9 = getelementptr i8, ptr %8, i64 8
;;| +  %10 = load i64, ptr %9, align 8
;;| +  %11 = add i32 0, %i10
;;| +  %12 = zext i32 %11 to i64
;;| +  %13 = mul i64 %6, 4
;;| +  %14 = add i64 %12, %13
;;| +  %15 = add i64 %14, 16
;;| +  %16 = icmp ule i64 %15, %10
;;| +  %17 = and i1 %5, %16
;;| +  %18 = phi i64 [ %12, %entry ], [ %21, %bb ]
;;| -  %gep = getelementptr i8, ptr %invariant.gep, i64 %i14
;;| -  call void @wpgo.probe(ptr %gep, i64 4, i64 54, ptr %gep)
;;| +  %19 = select i1 %17, i64 %18, i64 %i14
;;| +  %gep = getelementptr i8, ptr %invariant.gep, i64 %19
;;| +  %20 = select i1 %17, ptr null, ptr %gep
;;| +  call void @wpgo.probe(ptr %gep, i64 4, i64 54, ptr %20)
;;| +  %21 = add nsw i64 %18, 4
