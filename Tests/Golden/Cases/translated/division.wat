;; A division is behind its checks, each with its trap.
;;! stage: translated
;;! function: 0
(module (func (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2) gc "statepoint-example" {
;;| entry:
;;|   %3 = alloca i32, align 4
;;|   %4 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %5 = trunc i64 %1 to i32
;;|   %6 = trunc i64 %2 to i32
;;|   store i32 %5, ptr %3, align 4
;;|   store i32 %6, ptr %4, align 4
;;|   %7 = load i32, ptr %3, align 4
;;|   %8 = load i32, ptr %4, align 4
;;|   %9 = icmp eq i32 %8, 0
;;|   br i1 %9, label %13, label %14
;;|
;;| 10:                                               ; preds = %19
;;|   %11 = phi i32 [ %20, %19 ]
;;|   %12 = zext i32 %11 to i64
;;|   ret i64 %12
;;|
;;| 13:                                               ; preds = %start
;;|   call void @wpgo.trap(i64 2, i64 30)
;;|   unreachable
;;|
;;| 14:                                               ; preds = %start
;;|   %15 = icmp eq i32 %8, -1
;;|   %16 = icmp eq i32 %7, -2147483648
;;|   %17 = and i1 %15, %16
;;|   br i1 %17, label %18, label %19
;;|
;;| 18:                                               ; preds = %14
;;|   call void @wpgo.trap(i64 3, i64 30)
;;|   unreachable
;;|
;;| 19:                                               ; preds = %14
;;|   %20 = sdiv i32 %7, %8
;;|   br label %10
;;| }
