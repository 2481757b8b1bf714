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
;;|   br i1 %7, label %13, label %8
;;|
;;| 8:                                                ; preds = %start
;;|   %9 = getelementptr inbounds i8, ptr %0, i64 80
;;|   %10 = load i64, ptr %9, align 8
;;|   %11 = icmp eq i64 %10, 0
;;|   %12 = icmp ugt i64 %6, 2
;;|   br i1 %11, label %15, label %16
;;|
;;| 13:                                               ; preds = %start, %40
;;|   %14 = phi i64 [ %45, %40 ], [ 40, %start ]
;;|   ret i64 %14
;;|
;;| 15:                                               ; preds = %8
;;|   br i1 %12, label %.thread, label %._crit_edge
;;|
;;| ._crit_edge:                                      ; preds = %15
;;|   %.phi.trans.insert = getelementptr inbounds i8, ptr %0, i64 152
;;|   %.pre = load ptr, ptr %.phi.trans.insert, align 8
;;|   %.pre3 = shl nuw nsw i64 %6, 3
;;|   br label %27
;;|
;;| 16:                                               ; preds = %8
;;|   br i1 %12, label %.thread, label %.thread2
;;|
;;| .thread2:                                         ; preds = %16
;;|   %17 = getelementptr inbounds i8, ptr %0, i64 152
;;|   %18 = load ptr, ptr %17, align 8
;;|   %19 = shl nuw nsw i64 %6, 3
;;|   %20 = getelementptr i8, ptr %18, i64 %19
;;|   %21 = load i64, ptr %20, align 8
;;|   %22 = getelementptr inbounds i8, ptr %0, i64 40
;;|   %23 = load ptr, ptr %22, align 8
;;|   %24 = getelementptr i8, ptr %23, i64 152
;;|   %25 = load ptr, ptr %24, align 8
;;|   %26 = call i64 %25(ptr nonnull %0, i64 58, i64 %21) [ "place"(i64 58) ]
;;|   br label %27
;;|
;;| .thread:                                          ; preds = %16, %15
;;|   tail call void @wpgo.trap(i64 7, i64 58)
;;|   unreachable
;;|
;;| 27:                                               ; preds = %._crit_edge, %.thread2
;;|   %.pre-phi = phi i64 [ %.pre3, %._crit_edge ], [ %19, %.thread2 ]
;;|   %28 = phi ptr [ %.pre, %._crit_edge ], [ %18, %.thread2 ]
;;|   %29 = getelementptr i8, ptr %28, i64 %.pre-phi
;;|   %30 = load i64, ptr %29, align 8
;;|   %31 = icmp eq i64 %30, 0
;;|   br i1 %31, label %32, label %33
;;|
;;| 32:                                               ; preds = %27
;;|   tail call void @wpgo.trap(i64 8, i64 58)
;;|   unreachable
;;|
;;| 33:                                               ; preds = %27
;;|   %34 = inttoptr i64 %30 to ptr
;;|   %35 = getelementptr i8, ptr %34, i64 16
;;|   %36 = load i32, ptr %35, align 4
;;|   %37 = getelementptr inbounds i8, ptr %0, i64 128
;;|   %38 = load i32, ptr %37, align 4
;;|   %.not = icmp eq i32 %36, %38
;;|   br i1 %.not, label %40, label %39
;;|
;;| 39:                                               ; preds = %33
;;|   tail call void @wpgo.trap(i64 9, i64 58)
;;|   unreachable
;;|
;;| 40:                                               ; preds = %33
;;|   %41 = load ptr, ptr %34, align 8
;;|   %42 = getelementptr i8, ptr %34, i64 8
;;|   %43 = load ptr, ptr %42, align 8
;;|   %44 = notail call i64 %41(ptr %43, i64 20) [ "place"(i64 58) ]
;;|   %45 = and i64 %44, 4294967295
;;|   br label %13
;;|
;;| overflow:                                         ; preds = %entry
;;|   tail call void @wpgo.trap(i64 10, i64 61)
;;|   unreachable
;;| }
