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
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(288) %0, i64 %1) gc "statepoint-example" {
;;|   br label %setup
;;|   br label %start
;;|   %7 = icmp eq i32 %6, ptrtoint (ptr @wpgo.index.0.0.0 to i32)
;;|   br i1 %7, label %14, label %17
;;|   call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i32 20, i32 %6) ]
;;|   br label %8
;;|   %16 = mul i32 %15, 2
;;|   br label %19
;;|   %18 = icmp eq i32 %6, ptrtoint (ptr @wpgo.index.1.0.0 to i32)
;;|   br i1 %18, label %21, label %11
;;|   br label %12
;;|   %24 = mul i32 %22, %23
;;|   br label %25
;;|   br label %12
;;| define i64 @wasm_f0_generic(ptr nonnull dereferenceable(288) %0, i64 %1) gc "statepoint-example" {
;;|   br label %setup
;;|   %8 = icmp ult i64 %5, %7
;;|   br i1 %8, label %overflow, label %start
;;|   %11 = icmp eq i32 %10, 0
;;|   br i1 %11, label %21, label %24
;;|   %18 = icmp eq i64 %17, 0
;;|   br i1 %18, label %34, label %37
;;|   br label %12
;;|   %23 = mul i32 %22, 2
;;|   br label %26
;;|   %25 = icmp eq i32 %10, 1
;;|   br i1 %25, label %28, label %15
;;|   br label %19
;;|   %31 = mul i32 %29, %30
;;|   br label %32
;;|   br label %19
;;|   %36 = icmp uge i64 %35, 3
;;|   br i1 %36, label %52, label %53
;;|   %39 = icmp uge i64 %38, 3
;;|   br i1 %39, label %34, label %40
;;|   br label %34
;;|   call void @wpgo.trap(i64 7, i64 58)
;;|   %60 = icmp eq i64 %59, 0
;;|   br i1 %60, label %61, label %62
;;|   call void @wpgo.trap(i64 8, i64 58)
;;|   %68 = icmp ne i32 %65, %67
;;|   br i1 %68, label %69, label %70
;;|   call void @wpgo.trap(i64 9, i64 58)
;;|   br label %19
;;|   call void @wpgo.trap(i64 10, i64 61)
