;; Accesses of one index, at several offsets: equal compares, of which LLVM leaves one.
;;! stage: bounds-checks
;;! function: 0
(module
  (memory i64 1)
  (func (param $p i64) (result i64)
    (i64.add (i64.load (local.get $p)) (i64.load offset=8 (local.get $p)))))
;;| ; bounds-checks
;;| -entry:
;;| -  %i = getelementptr inbounds i8, ptr %arg, i64 8
;;| -  %i3 = load ptr, ptr %i, align 8
;;| -  %i4 = getelementptr i8, ptr %i3, i64 %arg2
;;| -  call void @wpgo.probe.0(ptr %i4, i64 8, i64 32, ptr %i4)
;;| -  %i5 = load i64, ptr %i4, align 1
;;| -  %i6 = getelementptr i8, ptr %i4, i64 8
;;| -  call void @wpgo.probe.0(ptr nonnull %i4, i64 16, i64 37, ptr nonnull %i4)
;;| -  %i7 = load i64, ptr %i6, align 1
;;| -  %i8 = add i64 %i5, %i7
;;| +  %1 = getelementptr i8, ptr %arg, i64 16
;;| +  %2 = load ptr, ptr %1, align 8
;;| +  %3 = getelementptr i8, ptr %2, i64 16
;;| +  %4 = load i64, ptr %3, align 8
;;| +  %5 = getelementptr inbounds i8, ptr %arg, i64 8
;;| +  %6 = load ptr, ptr %5, align 8
;;| +  %7 = getelementptr i8, ptr %6, i64 %arg2
;;| +  %8 = icmp ugt i64 %arg2, %4
;;| +  br i1 %8, label %13, label %9
;;| +9:                                                ; preds = %0
;;| +  call void @wpgo.probe(ptr %7, i64 8, i64 32, ptr %7)
;;| +  %10 = load i64, ptr %7, align 1
;;| +  %11 = getelementptr i8, ptr %7, i64 8
;;| +  %12 = icmp ugt i64 %arg2, %4
;;| +  br i1 %12, label %14, label %entry
;;| +entry:                                            ; preds = %9
;;| +  call void @wpgo.probe(ptr nonnull %7, i64 16, i64 37, ptr nonnull %7)
;;| +  %i7 = load i64, ptr %11, align 1
;;| +  %i8 = add i64 %10, %i7
;;| +13:                                               ; preds = %0
;;| +  call void @wpgo.trap(i64 5, i64 32)
;;| +  unreachable
;;| +14:                                               ; preds = %9
;;| +  call void @wpgo.trap(i64 5, i64 37)
;;| +  unreachable
