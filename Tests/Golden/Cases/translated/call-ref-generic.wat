;; Without a target: a null check, and none where the type says that it is not null.
;;! stage: translated
;;! function: 0
(module
  (type $t (func (param i32) (result i32)))
  (func (param $n i32) (param $maybe (ref null $t)) (param $sure (ref $t)) (result i32)
    (return_call_ref $t
      (call_ref $t (local.get $n) (local.get $maybe)) (local.get $sure))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3) gc "statepoint-example" {
;;| entry:
;;|   %4 = alloca i32, align 4
;;|   %5 = alloca i64, align 8
;;|   %6 = alloca i64, align 8
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   %7 = call i64 @llvm.read_register.i64(metadata !4)
;;|   %8 = getelementptr i8, ptr %0, i64 32
;;|   %9 = load i64, ptr %8, align 8
;;|   %10 = icmp ult i64 %7, %9
;;|   br i1 %10, label %overflow, label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %11 = trunc i64 %1 to i32
;;|   store i32 %11, ptr %4, align 4
;;|   store i64 %2, ptr %5, align 8
;;|   store i64 %3, ptr %6, align 8
;;|   br label %12
;;|
;;| 12:                                               ; preds = %start
;;|   %13 = load i32, ptr %4, align 4
;;|   %14 = load i64, ptr %5, align 8
;;|   %15 = icmp eq i64 %14, 0
;;|   br i1 %15, label %16, label %17
;;|
;;| 16:                                               ; preds = %12
;;|   call void @wpgo.trap(i64 15, i64 38)
;;|   unreachable
;;|
;;| 17:                                               ; preds = %12
;;|   %18 = inttoptr i64 %14 to ptr
;;|   %19 = load ptr, ptr %18, align 8
;;|   %20 = getelementptr i8, ptr %18, i64 8
;;|   %21 = load ptr, ptr %20, align 8
;;|   %22 = zext i32 %13 to i64
;;|   %23 = notail call i64 %19(ptr %21, i64 %22) [ "place"(i64 38) ]
;;|   %24 = trunc i64 %23 to i32
;;|   %25 = load i64, ptr %6, align 8
;;|   %26 = inttoptr i64 %25 to ptr
;;|   %27 = load ptr, ptr %26, align 8
;;|   %28 = getelementptr i8, ptr %26, i64 8
;;|   %29 = load ptr, ptr %28, align 8
;;|   %30 = zext i32 %24 to i64
;;|   %31 = musttail call i64 %27(ptr %29, i64 %30, i64 poison, i64 poison)
;;|   ret i64 %31
;;|
;;| overflow:                                         ; preds = %setup
;;|   call void @wpgo.trap(i64 10, i64 44)
;;|   unreachable
;;| }
