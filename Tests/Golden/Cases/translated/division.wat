;; A division is behind its checks, each with its trap.
;;! stage: translated
;;! function: 0
(module (func (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
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
;;|   %17 = trunc i64 %2 to i32
;;|   store i32 %16, ptr %14, align 4
;;|   store i32 %17, ptr %15, align 4
;;|   %18 = load i32, ptr %14, align 4
;;|   %19 = load i32, ptr %15, align 4
;;|   %20 = icmp eq i32 %19, 0
;;|   br i1 %20, label %25, label %26
;;|
;;| 21:                                               ; preds = %31
;;|   %22 = phi i32 [ %32, %31 ]
;;|   %23 = zext i32 %22 to i64
;;|   %24 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %23, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %24
;;|
;;| 25:                                               ; preds = %start
;;|   call void @wpgo.trap(i64 2, i64 30)
;;|   unreachable
;;|
;;| 26:                                               ; preds = %start
;;|   %27 = icmp eq i32 %19, -1
;;|   %28 = icmp eq i32 %18, -2147483648
;;|   %29 = and i1 %27, %28
;;|   br i1 %29, label %30, label %31
;;|
;;| 30:                                               ; preds = %26
;;|   call void @wpgo.trap(i64 3, i64 30)
;;|   unreachable
;;|
;;| 31:                                               ; preds = %26
;;|   %32 = sdiv i32 %18, %19
;;|   br label %21
;;| }
