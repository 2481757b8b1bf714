;; What the runtime does is a call.
;;! stage: translated
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (memory.grow (local.get 0))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %3 = trunc i64 %1 to i32
;;|   store i32 %3, ptr %2, align 4
;;|   %4 = load i32, ptr %2, align 4
;;|   %5 = getelementptr i8, ptr %0, i64 40
;;|   %6 = load ptr, ptr %5, align 8
;;|   %7 = load ptr, ptr %6, align 8
;;|   %8 = zext i32 %4 to i64
;;|   %9 = call i64 %7(ptr %0, i64 %8) [ "place"(i64 32) ]
;;|   %10 = trunc i64 %9 to i32
;;|   br label %11
;;|
;;| 11:                                               ; preds = %start
;;|   %12 = phi i32 [ %10, %start ]
;;|   %13 = zext i32 %12 to i64
;;|   ret i64 %13
;;| }
