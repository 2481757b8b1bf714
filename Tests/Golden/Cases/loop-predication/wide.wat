;; An index of 64 bits: what it travels is compared with what is left of the memory, since sums may wrap.
;;! stage: loop-predication
;;! function: 0
;;! record: train(9000)
(module
  (memory i64 1)
  (func (export "sum") (param $p i64) (param $n i64) (result i64) (local $i i64) (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum)
        (i64.load32_u offset=12 (i64.add (local.get $p) (i64.shl (local.get $i) (i64.const 2))))))
      (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (local.get $n))))
    (local.get $sum))
  (func (export "train") (param $n i32)
    (drop (call 0 (i64.const 0) (i64.extend_i32_u (local.get $n))))))
;;| ; loop-predication
;;| +  %0 = icmp ule i64 %arg8, -1
;;| +  %1 = sub i64 %arg8, 1
;;| +  %2 = icmp ult i64 1, %arg8
;;| +  %3 = select i1 %2, i64 %1, i64 0
;;| +  %4 = icmp ult i64 %3, 1099511627776
;;| +  %5 = add i64 %3, 0
;;| +  %6 = udiv i64 %5, 1
;;| +  %7 = and i1 %0, %4
;;| +  %8 = icmp ult i64 %6, 1099511627776
;;| +  %9 = and i1 %7, %8
;;| +  %10 = getelementptr i8, ptr %arg, i64 16
;;| +  %11 = load ptr, ptr %10, align 8
;;| +  %12 = getelementptr i8, ptr %11, i64 8
;;| +  %13 = load i64, ptr %12, align 8
;;| +  %14 = add i64 0, %arg7
;;| +  %15 = mul i64 %6, 4
;;| +  %16 = add i64 %15, 16
;;| +  %17 = sub i64 %13, %14
;;| +  %18 = icmp ule i64 %14, %13
;;| +  %19 = icmp ule i64 %16, %17
;;| +  %20 = and i1 %18, %19
;;| +  %21 = and i1 %9, %20
;;| +  %22 = phi i64 [ %14, %entry ], [ %25, %bb ]
;;| -  %i12 = getelementptr i8, ptr %i9, i64 %i11
;;| +  %23 = select i1 %21, i64 %22, i64 %i11
;;| +  %i12 = getelementptr i8, ptr %i9, i64 %23
;;| -  call void @wpgo.probe.0(ptr %i12, i64 16, i64 67, ptr %i12)
;;| +  %24 = select i1 %21, ptr null, ptr %i12
;;| +  call void @wpgo.probe.0(ptr %i12, i64 16, i64 67, ptr %24)
;;| +  %25 = add i64 %22, 4
