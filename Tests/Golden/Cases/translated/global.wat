;; A global that may change is in the context.
;;! stage: translated
;;! function: 0
(module (global $g (mut i32) (i32.const 1)) (func (global.set $g (i32.add (global.get $g) (i32.const 1)))))
;;| ; translated
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(208) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %14 = getelementptr i8, ptr %0, i64 144
;;|   %15 = load i32, ptr %14, align 8
;;|   %16 = add i32 %15, 1
;;|   %17 = getelementptr i8, ptr %0, i64 144
;;|   store i32 %16, ptr %17, align 8
;;|   br label %18
;;|
;;| 18:                                               ; preds = %start
;;|   ret { i64, i64, <2 x double>, <2 x double> } poison
;;| }
