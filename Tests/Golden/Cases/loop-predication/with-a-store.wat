;; So are loads and stores of the same loop.
;;! stage: loop-predication
;;! function: 0
;;! record: fill(0,9000)
(module
  (memory 1)
  (func (export "fill") (param $p i32) (param $n i32)
    (loop $again
      (i32.store (local.get $p) (i32.add (i32.load offset=4 (local.get $p)) (i32.const 1)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
;;| ; loop-predication
;;| +  %0 = add i32 %i9, -1
;;| +  %1 = sub i32 %0, 0
;;| +  %2 = and i32 %1, 0
;;| +  %3 = lshr i32 %1, 0
;;| +  %4 = icmp eq i32 %2, 0
;;| +  %5 = zext i32 %3 to i64
;;| +  %6 = getelementptr i8, ptr %arg, i64 16
;;| +  %7 = load ptr, ptr %6, align 8
;;| +  %8 = getelementptr i8, ptr %7, i64 8
;;| +  %9 = load i64, ptr %8, align 8
;;| +  %10 = zext i32 %i8 to i64
;;| +  %11 = mul i64 %5, 4
;;| +  %12 = add i64 %10, %11
;;| +  %13 = add i64 %12, 8
;;| +  %14 = icmp ule i64 %13, %9
;;| +  %15 = and i1 %4, %14
;;| +  %16 = phi i64 [ %10, %entry ], [ %19, %bb ]
;;| -  %i11 = getelementptr i8, ptr %i7, i64 %i10
;;| +  %17 = select i1 %15, i64 %16, i64 %i10
;;| +  %i11 = getelementptr i8, ptr %i7, i64 %17
;;| -  call void @wpgo.probe(ptr %i12, i64 4, i64 46, ptr %i12)
;;| +  %18 = select i1 %15, ptr null, ptr %i12
;;| +  call void @wpgo.probe(ptr %i12, i64 4, i64 46, ptr %18)
;;| +  %19 = add nsw i64 %16, 4
