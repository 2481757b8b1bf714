;; A loop, with locals as allocas.
;;! stage: translated
;;! function: 0
(module (func (param i32) (result i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))
;;| ; translated
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   %14 = alloca i32, align 4
;;|   %15 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %16 = trunc i64 %1 to i32
;;|   store i32 %16, ptr %14, align 4
;;|   store i32 0, ptr %15, align 4
;;|   br label %21
;;|
;;| 17:                                               ; preds = %28
;;|   %18 = phi i32 [ %29, %28 ]
;;|   %19 = zext i32 %18 to i64
;;|   %20 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %19, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %20
;;|
;;| 21:                                               ; preds = %21, %start
;;|   %22 = load i32, ptr %15, align 4
;;|   %23 = load i32, ptr %14, align 4
;;|   %24 = add i32 %22, %23
;;|   store i32 %24, ptr %15, align 4
;;|   %25 = load i32, ptr %14, align 4
;;|   %26 = sub i32 %25, 1
;;|   store i32 %26, ptr %14, align 4
;;|   %27 = icmp ne i32 %26, 0
;;|   br i1 %27, label %21, label %28
;;|
;;| 28:                                               ; preds = %21
;;|   %29 = load i32, ptr %15, align 4
;;|   br label %17
;;| }
