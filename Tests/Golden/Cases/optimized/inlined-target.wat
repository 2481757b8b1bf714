;; The target's body in the place of the call.
;;! stage: optimized
;;! function: 0
;;! targets: 1
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;| ; optimized
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(288) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) local_unnamed_addr gc "statepoint-example" !dbg !7 {
;;| entry:
;;|   %14 = trunc i64 %1 to i32
;;|   %15 = icmp eq i32 %14, ptrtoint (ptr @wpgo.index.0.0.0 to i32)
;;|   br i1 %15, label %17, label %16
;;|
;;| 16:                                               ; preds = %entry
;;|   call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i32 20, i32 %14) ]
;;|   unreachable
;;|
;;| 17:                                               ; preds = %entry
;;|   ret { i64, i64, <2 x double>, <2 x double> } { i64 40, i64 poison, <2 x double> poison, <2 x double> poison }
;;| }
;;|
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0_generic(ptr nonnull dereferenceable(288) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) local_unnamed_addr gc "statepoint-example" !dbg !14 {
;;| entry:
;;|   %14 = tail call i64 @llvm.read_register.i64(metadata !15)
;;|   %15 = getelementptr inbounds i8, ptr %0, i64 32
;;|   %16 = load i64, ptr %15, align 8
;;|   %17 = icmp ult i64 %14, %16
;;|   br i1 %17, label %overflow, label %start
;;|
;;| start:                                            ; preds = %entry
;;|   %18 = and i64 %1, 4294967295
;;|   %19 = icmp eq i64 %18, 0
;;|   br i1 %19, label %22, label %20
;;|
;;| 20:                                               ; preds = %start
;;|   %21 = icmp ugt i64 %18, 2
;;|   br i1 %21, label %25, label %26
;;|
;;| 22:                                               ; preds = %start, %41
;;|   %23 = phi i64 [ %47, %41 ], [ 40, %start ]
;;|   %24 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %23, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %24
;;|
;;| 25:                                               ; preds = %20
;;|   tail call void @wpgo.trap(i64 7, i64 58)
;;|   unreachable
;;|
;;| 26:                                               ; preds = %20
;;|   %27 = getelementptr inbounds i8, ptr %0, i64 152
;;|   %28 = load ptr, ptr %27, align 8
;;|   %29 = shl nuw nsw i64 %18, 3
;;|   %30 = getelementptr i8, ptr %28, i64 %29
;;|   %31 = load i64, ptr %30, align 8
;;|   %32 = icmp eq i64 %31, 0
;;|   br i1 %32, label %33, label %34
;;|
;;| 33:                                               ; preds = %26
;;|   tail call void @wpgo.trap(i64 8, i64 58)
;;|   unreachable
;;|
;;| 34:                                               ; preds = %26
;;|   %35 = inttoptr i64 %31 to ptr
;;|   %36 = getelementptr i8, ptr %35, i64 16
;;|   %37 = load i32, ptr %36, align 4
;;|   %38 = getelementptr inbounds i8, ptr %0, i64 128
;;|   %39 = load i32, ptr %38, align 4
;;|   %.not = icmp eq i32 %37, %39
;;|   br i1 %.not, label %41, label %40
;;|
;;| 40:                                               ; preds = %34
;;|   tail call void @wpgo.trap(i64 9, i64 58)
;;|   unreachable
;;|
;;| 41:                                               ; preds = %34
;;|   %42 = load ptr, ptr %35, align 8
;;|   %43 = getelementptr i8, ptr %35, i64 8
;;|   %44 = load ptr, ptr %43, align 8
;;|   %45 = notail call { i64, i64, <2 x double>, <2 x double> } %42(ptr %44, i64 20, i64 poison, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;|   %46 = extractvalue { i64, i64, <2 x double>, <2 x double> } %45, 0
;;|   %47 = and i64 %46, 4294967295
;;|   br label %22
;;|
;;| overflow:                                         ; preds = %entry
;;|   tail call void @wpgo.trap(i64 10, i64 61)
;;|   unreachable
;;| }
