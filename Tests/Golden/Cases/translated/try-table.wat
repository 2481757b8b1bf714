;; A call in a try is an invoke, a throw a branch to the handlers, or to the one that catches its tag for certain.
;;! stage: translated
;;! function: 1
(module
  (import "env" "f" (func $f (param i32)))
  (tag $a (param i32)) (tag $b)
  (func (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $a $caught)
        (call $f (local.get 0))
        (if (local.get 0) (then (throw $a (i32.const 7))))
        (throw $b))
      (unreachable))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f1(ptr nonnull dereferenceable(240) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   %3 = call i64 @llvm.read_register.i64(metadata !4)
;;|   %4 = getelementptr i8, ptr %0, i64 32
;;|   %5 = load i64, ptr %4, align 8
;;|   %6 = icmp ult i64 %3, %5
;;|   br i1 %6, label %overflow, label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %7 = trunc i64 %1 to i32
;;|   store i32 %7, ptr %2, align 4
;;|   %8 = load i32, ptr %2, align 4
;;|   %9 = getelementptr i8, ptr %0, i64 160
;;|   %10 = load ptr, ptr %9, align 8
;;|   %11 = getelementptr i8, ptr %9, i64 8
;;|   %12 = load ptr, ptr %11, align 8
;;|   %13 = zext i32 %8 to i64
;;|   invoke void %10(ptr %12, i64 %13) [ "place"(i64 60) ]
;;|           to label %30 unwind label %26
;;|
;;| 14:                                               ; preds = %17
;;|   %15 = phi i32 [ %18, %17 ]
;;|   %16 = zext i32 %15 to i64
;;|   ret i64 %16
;;|
;;| 17:                                               ; preds = %44, %33
;;|   %18 = phi i32 [ 7, %33 ], [ %46, %44 ]
;;|   br label %14
;;|
;;| 19:                                               ; preds = %35, %26
;;|   %20 = phi i64 [ %29, %26 ], [ %42, %35 ]
;;|   %21 = inttoptr i64 %20 to ptr
;;|   %22 = load i64, ptr %21, align 8
;;|   %23 = getelementptr i8, ptr %0, i64 224
;;|   %24 = load i64, ptr %23, align 8
;;|   %25 = icmp eq i64 %22, %24
;;|   br i1 %25, label %44, label %52
;;|
;;| 26:                                               ; preds = %start
;;|   %27 = landingpad { ptr, i32 }
;;|           cleanup
;;|   %28 = extractvalue { ptr, i32 } %27, 0
;;|   %29 = ptrtoint ptr %28 to i64
;;|   br label %19
;;|
;;| 30:                                               ; preds = %start
;;|   %31 = load i32, ptr %2, align 4
;;|   %32 = icmp ne i32 %31, 0
;;|   br i1 %32, label %33, label %34
;;|
;;| 33:                                               ; preds = %30
;;|   br label %17
;;|
;;| 34:                                               ; preds = %30
;;|   br label %35
;;|
;;| 35:                                               ; preds = %34
;;|   %36 = getelementptr i8, ptr %0, i64 232
;;|   %37 = load i64, ptr %36, align 8
;;|   %38 = getelementptr i8, ptr %0, i64 40
;;|   %39 = load ptr, ptr %38, align 8
;;|   %40 = getelementptr i8, ptr %39, i64 128
;;|   %41 = load ptr, ptr %40, align 8
;;|   %42 = call i64 %41(ptr %0, i64 %37) [ "place"(i64 71) ]
;;|   %43 = inttoptr i64 %42 to ptr
;;|   br label %19
;;|
;;| 44:                                               ; preds = %19
;;|   %45 = getelementptr i8, ptr %21, i64 16
;;|   %46 = load i32, ptr %45, align 8
;;|   %47 = getelementptr i8, ptr %0, i64 40
;;|   %48 = load ptr, ptr %47, align 8
;;|   %49 = getelementptr i8, ptr %48, i64 136
;;|   %50 = load ptr, ptr %49, align 8
;;|   %51 = call i64 %50(ptr %0, i64 %20) [ "place"(i64 73) ]
;;|   br label %17
;;|
;;| 52:                                               ; preds = %19
;;|   call void @wpgo.throw(i64 %20) [ "place"(i64 73) ]
;;|   unreachable
;;|
;;| overflow:                                         ; preds = %setup
;;|   call void @wpgo.trap(i64 10, i64 76)
;;|   unreachable
;;| }
