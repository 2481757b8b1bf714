;; Two targets: a guard for each, then a deopt with the frame's locals and operands.
;;! stage: translated
;;! function: 0
;;! targets: 1 2
;;! show: guard|wpgo|icmp|br |mul|define
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;| ; translated
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(288) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !7 {
;;|   br label %setup
;;|   br label %start
;;|   %19 = icmp eq i32 %18, ptrtoint (ptr @wpgo.index.0.0.0 to i32)
;;|   br i1 %19, label %27, label %30
;;|   call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i32 20, i32 %18) ]
;;|   br label %20
;;|   %29 = mul i32 %28, 2
;;|   br label %32
;;|   %31 = icmp eq i32 %18, ptrtoint (ptr @wpgo.index.1.0.0 to i32)
;;|   br i1 %31, label %34, label %24
;;|   br label %25
;;|   %37 = mul i32 %35, %36
;;|   br label %38
;;|   br label %25
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0_generic(ptr nonnull dereferenceable(288) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !23 {
;;|   br label %setup
;;|   %20 = icmp ult i64 %17, %19
;;|   br i1 %20, label %overflow, label %start
;;|   %23 = icmp eq i32 %22, 0
;;|   br i1 %23, label %33, label %36
;;|   %30 = icmp uge i64 %29, 3
;;|   br i1 %30, label %46, label %47
;;|   br label %24
;;|   %35 = mul i32 %34, 2
;;|   br label %38
;;|   %37 = icmp eq i32 %22, 1
;;|   br i1 %37, label %40, label %28
;;|   br label %31
;;|   %43 = mul i32 %41, %42
;;|   br label %44
;;|   br label %31
;;|   call void @wpgo.trap(i64 7, i64 58)
;;|   %54 = icmp eq i64 %53, 0
;;|   br i1 %54, label %55, label %56
;;|   call void @wpgo.trap(i64 8, i64 58)
;;|   %62 = icmp ne i32 %59, %61
;;|   br i1 %62, label %63, label %64
;;|   call void @wpgo.trap(i64 9, i64 58)
;;|   br label %31
;;|   call void @wpgo.trap(i64 10, i64 61)
