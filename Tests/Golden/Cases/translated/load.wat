;; A load stands behind its probe.
;;! stage: translated
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load offset=8 (local.get 0))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   %3 = getelementptr i8, ptr %0, i64 8
;;|   %4 = load ptr, ptr %3, align 8
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %5 = trunc i64 %1 to i32
;;|   store i32 %5, ptr %2, align 4
;;|   %6 = load i32, ptr %2, align 4
;;|   %7 = zext i32 %6 to i64
;;|   %8 = add nuw i64 %7, 8
;;|   %9 = getelementptr i8, ptr %4, i64 %8
;;|   call void @wpgo.probe(ptr %9, i64 4, i64 32, ptr %9)
;;|   %10 = load i32, ptr %9, align 1
;;|   br label %11
;;|
;;| 11:                                               ; preds = %start
;;|   %12 = phi i32 [ %10, %start ]
;;|   %13 = zext i32 %12 to i64
;;|   ret i64 %13
;;| }
