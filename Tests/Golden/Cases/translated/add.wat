;; A function without effects.
;;! stage: translated
;;! function: 0
(module (func (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2) gc "statepoint-example" {
;;| entry:
;;|   %3 = alloca i32, align 4
;;|   %4 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %5 = trunc i64 %1 to i32
;;|   %6 = trunc i64 %2 to i32
;;|   store i32 %5, ptr %3, align 4
;;|   store i32 %6, ptr %4, align 4
;;|   %7 = load i32, ptr %3, align 4
;;|   %8 = load i32, ptr %4, align 4
;;|   %9 = add i32 %7, %8
;;|   br label %10
;;|
;;| 10:                                               ; preds = %start
;;|   %11 = phi i32 [ %9, %start ]
;;|   %12 = zext i32 %11 to i64
;;|   ret i64 %12
;;| }
