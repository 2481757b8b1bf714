;; A field that is chosen: the object's compare is enough, unless it fails.
;;! stage: bounds-checks
;;! function: 0
(module
  (memory i64 1)
  (func (param $p i64) (param $c i32) (result i64)
    (i64.load (i64.add (local.get $p) (select (i64.const 16) (i64.const 24) (local.get $c))))))
;;| ; bounds-checks
;;| -entry:
;;| -  %i = getelementptr inbounds i8, ptr %arg, i64 8
;;| -  %i4 = load ptr, ptr %i, align 8
;;| -  %i5 = and i64 %arg3, 4294967295
;;| -  %.not = icmp eq i64 %i5, 0
;;| -  %i6 = select i1 %.not, i64 24, i64 16
;;| -  %i7 = getelementptr i8, ptr %i4, i64 %i6
;;| -  %i8 = getelementptr i8, ptr %i7, i64 %arg2
;;| -  call void @wpgo.probe.0(ptr %i8, i64 8, i64 41, ptr %i8)
;;| -  %i9 = load i64, ptr %i8, align 1
;;| +  %1 = getelementptr i8, ptr %arg, i64 16
;;| +  %2 = load ptr, ptr %1, align 8
;;| +  %3 = getelementptr i8, ptr %2, i64 16
;;| +  %4 = load i64, ptr %3, align 8
;;| +  %5 = getelementptr inbounds i8, ptr %arg, i64 8
;;| +  %6 = load ptr, ptr %5, align 8
;;| +  %7 = and i64 %arg3, 4294967295
;;| +  %8 = icmp eq i64 %7, 0
;;| +  %9 = select i1 %8, i64 24, i64 16
;;| +  %10 = getelementptr i8, ptr %6, i64 %9
;;| +  %11 = getelementptr i8, ptr %10, i64 %arg2
;;| +  %12 = icmp ugt i64 %arg2, %4
;;| +  br i1 %12, label %13, label %entry
;;| +entry:                                            ; preds = %13, %0
;;| +  call void @wpgo.probe(ptr %11, i64 8, i64 41, ptr %11)
;;| +  %i9 = load i64, ptr %11, align 1
;;| +13:                                               ; preds = %0
;;| +  %14 = add i64 %arg2, %9
;;| +  %15 = icmp ugt i64 %14, %4
;;| +  br i1 %15, label %16, label %entry
;;| +16:                                               ; preds = %13
;;| +  call void @wpgo.trap(i64 5, i64 41)
;;| +  unreachable
