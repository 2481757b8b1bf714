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
;;|   br i1 %15, label %23, label %19
;;|
;;| 16:                                               ; preds = %21
;;|   %17 = phi i32 [ %22, %21 ]
;;|   %18 = zext i32 %17 to i64
;;|   ret i64 %18
;;|
;;| 19:                                               ; preds = %start
;;|   %20 = icmp eq i64 %12, 0
;;|   br i1 %20, label %28, label %29
;;|
;;| 21:                                               ; preds = %29, %26
;;|   %22 = phi i32 [ %27, %26 ], [ %36, %29 ]
;;|   br label %16
;;|
;;| 23:                                               ; preds = %start
;;|   store i32 %11, ptr %5, align 4
;;|   %24 = load i32, ptr %5, align 4
;;|   %25 = add i32 %24, 3
;;|   br label %26
;;|
;;| 26:                                               ; preds = %23
;;|   %27 = phi i32 [ %25, %23 ]
;;|   br label %21
;;|
;;| 28:                                               ; preds = %19
;;|   call void @wpgo.trap(i64 15, i64 37)
;;|   unreachable
;;|
;;| 29:                                               ; preds = %19
;;|   %30 = inttoptr i64 %12 to ptr
;;|   %31 = load ptr, ptr %30, align 8
;;|   %32 = getelementptr i8, ptr %30, i64 8
;;|   %33 = load ptr, ptr %32, align 8
;;|   %34 = zext i32 %11 to i64
;;|   %35 = notail call i64 %31(ptr %33, i64 %34) [ "place"(i64 37) ]
;;|   %36 = trunc i64 %35 to i32
;;|   br label %21
;;|
;;| overflow:                                         ; preds = %setup
;;|   call void @wpgo.trap(i64 10, i64 39)
;;|   unreachable
;;| }
