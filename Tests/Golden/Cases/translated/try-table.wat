;; A call in a try is an invoke, a throw a branch to the handlers, or to the one that catches its tag for certain.
;;! stage: translated
;;! function: 1
(module
  (tag $a (param i32)) (tag $b)
  (func $f (param i32))
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
;;|   %3 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %4 = trunc i64 %1 to i32
;;|   store i32 %4, ptr %2, align 4
;;|   %5 = load i32, ptr %2, align 4
;;|   store i32 %5, ptr %3, align 4
;;|   br label %11
;;|
;;| 6:                                                ; preds = %9
;;|   %7 = phi i32 [ %10, %9 ]
;;|   %8 = zext i32 %7 to i64
;;|   ret i64 %8
;;|
;;| 9:                                                ; preds = %14
;;|   %10 = phi i32 [ 7, %14 ]
;;|   br label %6
;;|
;;| 11:                                               ; preds = %start
;;|   %12 = load i32, ptr %2, align 4
;;|   %13 = icmp ne i32 %12, 0
;;|   br i1 %13, label %14, label %15
;;|
;;| 14:                                               ; preds = %11
;;|   br label %9
;;|
;;| 15:                                               ; preds = %11
;;|   br label %16
;;|
;;| 16:                                               ; preds = %15
;;|   %17 = getelementptr i8, ptr %0, i64 232
;;|   %18 = load i64, ptr %17, align 8
;;|   %19 = getelementptr i8, ptr %0, i64 40
;;|   %20 = load ptr, ptr %19, align 8
;;|   %21 = getelementptr i8, ptr %20, i64 192
;;|   %22 = load ptr, ptr %21, align 8
;;|   %23 = call i64 %22(ptr %0, i64 %18) [ "place"(i64 17592186044480) ]
;;|   %24 = inttoptr i64 %23 to ptr
;;|   call void @wpgo.throw(i64 %23) [ "place"(i64 17592186044480) ]
;;|   unreachable
;;| }
