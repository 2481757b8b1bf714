;; A load stands behind its probe.
;;! stage: translated
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load offset=8 (local.get 0))))
;;| ; translated
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   %14 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   %15 = getelementptr i8, ptr %0, i64 8
;;|   %16 = load ptr, ptr %15, align 8
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %17 = trunc i64 %1 to i32
;;|   store i32 %17, ptr %14, align 4
;;|   %18 = load i32, ptr %14, align 4
;;|   %19 = zext i32 %18 to i64
;;|   %20 = add nuw i64 %19, 8
;;|   %21 = getelementptr i8, ptr %16, i64 %20
;;|   call void @wpgo.probe(ptr %21, i64 4, i64 32, ptr %21)
;;|   %22 = load i32, ptr %21, align 1
;;|   br label %23
;;|
;;| 23:                                               ; preds = %start
;;|   %24 = phi i32 [ %22, %start ]
;;|   %25 = zext i32 %24 to i64
;;|   %26 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %25, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %26
;;| }
