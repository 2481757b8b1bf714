;; The reference is compared with this instance's to the target, by the distance from the context. What misses, null among it, deoptimizes.
;;! stage: translated
;;! function: 0
;;! targets: 1
(module
  (type $t (func (param i32) (result i32)))
  (func (param $n i32) (param $f (ref null $t)) (result i32)
    (call_ref $t (local.get $n) (local.get $f)))
  (func (type $t) (i32.add (local.get 0) (i32.const 3))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(224) %0, i64 %1, i64 %2) gc "statepoint-example" {
;;| entry:
;;|   %3 = alloca i32, align 4
;;|   %4 = alloca i64, align 8
;;|   %5 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %6 = trunc i64 %1 to i32
;;|   store i32 %6, ptr %3, align 4
;;|   store i64 %2, ptr %4, align 8
;;|   %7 = load i32, ptr %3, align 4
;;|   %8 = load i64, ptr %4, align 8
;;|   %9 = ptrtoint ptr %0 to i64
;;|   %10 = sub i64 %8, %9
;;|   %11 = icmp eq i64 %10, ptrtoint (ptr @wpgo.offset.192.0.0 to i64)
;;|   br i1 %11, label %16, label %15
;;|
;;| 12:                                               ; preds = %19
;;|   %13 = phi i32 [ %20, %19 ]
;;|   %14 = zext i32 %13 to i64
;;|   ret i64 %14
;;|
;;| 15:                                               ; preds = %start
;;|   call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i64 0, i32 %7, i64 %8) ]
;;|   unreachable
;;|
;;| 16:                                               ; preds = %start
;;|   store i32 %7, ptr %5, align 4
;;|   %17 = load i32, ptr %5, align 4
;;|   %18 = add i32 %17, 3
;;|   br label %19
;;|
;;| 19:                                               ; preds = %16
;;|   %20 = phi i32 [ %18, %16 ]
;;|   br label %12
;;| }
;;|
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0_generic(ptr nonnull dereferenceable(224) %0, i64 %1, i64 %2) gc "statepoint-example" {
;;| entry:
;;|   %3 = alloca i32, align 4
;;|   %4 = alloca i64, align 8
;;|   %5 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   %6 = call i64 @llvm.read_register.i64(metadata !6)
;;|   %7 = getelementptr i8, ptr %0, i64 32
;;|   %8 = load i64, ptr %7, align 8
;;|   %9 = icmp ult i64 %6, %8
;;|   br i1 %9, label %overflow, label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %10 = trunc i64 %1 to i32
;;|   store i32 %10, ptr %3, align 4
;;|   store i64 %2, ptr %4, align 8
;;|   %11 = load i32, ptr %3, align 4
;;|   %12 = load i64, ptr %4, align 8
;;|   %13 = getelementptr i8, ptr %0, i64 192
;;|   %14 = ptrtoint ptr %13 to i64
;;|   %15 = icmp eq i64 %12, %14
;;|   br i1 %15, label %25, label %19
;;|
;;| 16:                                               ; preds = %23
;;|   %17 = phi i32 [ %24, %23 ]
;;|   %18 = zext i32 %17 to i64
;;|   ret i64 %18
;;|
;;| 19:                                               ; preds = %start
;;|   %20 = getelementptr i8, ptr %0, i64 80
;;|   %21 = load i64, ptr %20, align 8
;;|   %22 = icmp eq i64 %21, 0
;;|   br i1 %22, label %30, label %32
;;|
;;| 23:                                               ; preds = %39, %28
;;|   %24 = phi i32 [ %29, %28 ], [ %46, %39 ]
;;|   br label %16
;;|
;;| 25:                                               ; preds = %start
;;|   store i32 %11, ptr %5, align 4
;;|   %26 = load i32, ptr %5, align 4
;;|   %27 = add i32 %26, 3
;;|   br label %28
;;|
;;| 28:                                               ; preds = %25
;;|   %29 = phi i32 [ %27, %25 ]
;;|   br label %23
;;|
;;| 30:                                               ; preds = %32, %19
;;|   %31 = icmp eq i64 %12, 0
;;|   br i1 %31, label %38, label %39
;;|
;;| 32:                                               ; preds = %19
;;|   %33 = getelementptr i8, ptr %0, i64 40
;;|   %34 = load ptr, ptr %33, align 8
;;|   %35 = getelementptr i8, ptr %34, i64 152
;;|   %36 = load ptr, ptr %35, align 8
;;|   %37 = call i64 %36(ptr %0, i64 37, i64 %12) [ "place"(i64 37) ]
;;|   br label %30
;;|
;;| 38:                                               ; preds = %30
;;|   call void @wpgo.trap(i64 15, i64 37)
;;|   unreachable
;;|
;;| 39:                                               ; preds = %30
;;|   %40 = inttoptr i64 %12 to ptr
;;|   %41 = load ptr, ptr %40, align 8
;;|   %42 = getelementptr i8, ptr %40, i64 8
;;|   %43 = load ptr, ptr %42, align 8
;;|   %44 = zext i32 %11 to i64
;;|   %45 = notail call i64 %41(ptr %43, i64 %44) [ "place"(i64 37) ]
;;|   %46 = trunc i64 %45 to i32
;;|   br label %23
;;|
;;| overflow:                                         ; preds = %setup
;;|   call void @wpgo.trap(i64 10, i64 39)
;;|   unreachable
;;| }
