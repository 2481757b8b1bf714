;; A loop, with locals as allocas.
;;! stage: translated
;;! function: 0
(module (func (param i32) (result i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1) gc "statepoint-example" {
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
;;|   store i32 0, ptr %3, align 4
;;|   br label %8
;;|
;;| 5:                                                ; preds = %15
;;|   %6 = phi i32 [ %16, %15 ]
;;|   %7 = zext i32 %6 to i64
;;|   ret i64 %7
;;|
;;| 8:                                                ; preds = %8, %start
;;|   %9 = load i32, ptr %3, align 4
;;|   %10 = load i32, ptr %2, align 4
;;|   %11 = add i32 %9, %10
;;|   store i32 %11, ptr %3, align 4
;;|   %12 = load i32, ptr %2, align 4
;;|   %13 = sub i32 %12, 1
;;|   store i32 %13, ptr %2, align 4
;;|   %14 = icmp ne i32 %13, 0
;;|   br i1 %14, label %8, label %15
;;|
;;| 15:                                               ; preds = %8
;;|   %16 = load i32, ptr %3, align 4
;;|   br label %5
;;| }
