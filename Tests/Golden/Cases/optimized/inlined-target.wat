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
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(288) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = trunc i64 %1 to i32
;;|   %3 = icmp eq i32 %2, ptrtoint (ptr @wpgo.index.0.0.0 to i32)
;;|   br i1 %3, label %5, label %4
;;|
;;| 4:                                                ; preds = %entry
;;|   call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i32 20, i32 %2) ]
;;|   unreachable
;;|
;;| 5:                                                ; preds = %entry
;;|   ret i64 40
;;| }
;;|
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0_generic(ptr nonnull dereferenceable(288) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = tail call i64 @llvm.read_register.i64(metadata !6)
;;|   %3 = getelementptr inbounds i8, ptr %0, i64 32
;;|   %4 = load i64, ptr %3, align 8
;;|   %5 = icmp ult i64 %2, %4
;;|   br i1 %5, label %overflow, label %start
;;|
;;| start:                                            ; preds = %entry
;;|   %6 = and i64 %1, 4294967295
;;|   %7 = icmp eq i64 %6, 0
;;|   br i1 %7, label %10, label %8
;;|
;;| 8:                                                ; preds = %start
;;|   %9 = icmp ugt i64 %6, 2
;;|   br i1 %9, label %12, label %13
;;|
;;| 10:                                               ; preds = %start, %28
;;|   %11 = phi i64 [ %33, %28 ], [ 40, %start ]
;;|   ret i64 %11
;;|
;;| 12:                                               ; preds = %8
;;|   tail call void @wpgo.trap(i64 7, i64 58)
;;|   unreachable
;;|
;;| 13:                                               ; preds = %8
;;|   %14 = getelementptr inbounds i8, ptr %0, i64 152
;;|   %15 = load ptr, ptr %14, align 8
;;|   %16 = shl nuw nsw i64 %6, 3
;;|   %17 = getelementptr i8, ptr %15, i64 %16
;;|   %18 = load i64, ptr %17, align 8
;;|   %19 = icmp eq i64 %18, 0
;;|   br i1 %19, label %20, label %21
;;|
;;| 20:                                               ; preds = %13
;;|   tail call void @wpgo.trap(i64 8, i64 58)
;;|   unreachable
;;|
;;| 21:                                               ; preds = %13
;;|   %22 = inttoptr i64 %18 to ptr
;;|   %23 = getelementptr i8, ptr %22, i64 16
;;|   %24 = load i32, ptr %23, align 4
;;|   %25 = getelementptr inbounds i8, ptr %0, i64 128
;;|   %26 = load i32, ptr %25, align 4
;;|   %.not = icmp eq i32 %24, %26
;;|   br i1 %.not, label %28, label %27
;;|
;;| 27:                                               ; preds = %21
;;|   tail call void @wpgo.trap(i64 9, i64 58)
;;|   unreachable
;;|
;;| 28:                                               ; preds = %21
;;|   %29 = load ptr, ptr %22, align 8
;;|   %30 = getelementptr i8, ptr %22, i64 8
;;|   %31 = load ptr, ptr %30, align 8
;;|   %32 = notail call i64 %29(ptr %31, i64 20) [ "place"(i64 58) ]
;;|   %33 = and i64 %32, 4294967295
;;|   br label %10
;;|
;;| overflow:                                         ; preds = %entry
;;|   tail call void @wpgo.trap(i64 10, i64 61)
;;|   unreachable
;;| }
