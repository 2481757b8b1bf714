;; What the runtime does is a call.
;;! stage: translated
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (memory.grow (local.get 0))))
;;| ; translated
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   %14 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %15 = trunc i64 %1 to i32
;;|   store i32 %15, ptr %14, align 4
;;|   %16 = load i32, ptr %14, align 4
;;|   %17 = getelementptr i8, ptr %0, i64 40
;;|   %18 = load ptr, ptr %17, align 8
;;|   %19 = load ptr, ptr %18, align 8
;;|   %20 = zext i32 %16 to i64
;;|   %21 = call i64 %19(ptr %0, i64 %20)
;;|   %22 = trunc i64 %21 to i32
;;|   br label %23
;;|
;;| 23:                                               ; preds = %start
;;|   %24 = phi i32 [ %22, %start ]
;;|   %25 = zext i32 %24 to i64
;;|   %26 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %25, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %26
;;| }
