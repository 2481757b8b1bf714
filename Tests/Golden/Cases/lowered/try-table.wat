;; Calls keep their places as statepoints, those in a try too; what nobody here catches, the runtime throws.
;;! stage: lowered
;;! function: 1
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (tag $e)
  (func (param i32) (result i32)
    (block $caught
      (try_table (catch_all $caught) (drop (call $f (local.get 0))))
      (throw $e))
    (i32.const 3)))
;;| ; lowered
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f1(ptr nonnull dereferenceable(240) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = tail call i64 @llvm.read_register.i64(metadata !4)
;;|   %3 = getelementptr inbounds i8, ptr %0, i64 32
;;|   %4 = load i64, ptr %3, align 8
;;|   %5 = icmp ult i64 %2, %4
;;|   br i1 %5, label %overflow, label %start
;;|
;;| start:                                            ; preds = %entry
;;|   %6 = getelementptr inbounds i8, ptr %0, i64 160
;;|   %7 = load ptr, ptr %6, align 8
;;|   %8 = getelementptr inbounds i8, ptr %0, i64 168
;;|   %9 = load ptr, ptr %8, align 8
;;|   %10 = and i64 %1, 4294967295
;;|   %11 = invoke token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 53, i32 0, ptr elementtype(i64 (ptr, i64)) %7, i32 2, i32 0, ptr %9, i64 %10, i32 0, i32 0)
;;|           to label %38 unwind label %12
;;|
;;| 12:                                               ; preds = %start
;;|   %13 = landingpad { ptr, i32 }
;;|           cleanup
;;|   %14 = extractvalue { ptr, i32 } %13, 0
;;|   %15 = ptrtoint ptr %14 to i64
;;|   %16 = getelementptr inbounds i8, ptr %0, i64 40
;;|   %17 = load ptr, ptr %16, align 8
;;|   %18 = getelementptr i8, ptr %17, i64 136
;;|   %19 = load ptr, ptr %18, align 8
;;|   %20 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 56, i32 0, ptr elementtype(i64 (ptr, i64)) %19, i32 2, i32 0, ptr %0, i64 %15, i32 0, i32 0)
;;|   %21 = call i64 @llvm.experimental.gc.result.i64(token %20)
;;|   ret i64 3
;;|
;;| 22:                                               ; preds = %38
;;|   %23 = getelementptr inbounds i8, ptr %0, i64 224
;;|   %24 = load i64, ptr %23, align 8
;;|   %25 = getelementptr inbounds i8, ptr %0, i64 40
;;|   %26 = load ptr, ptr %25, align 8
;;|   %27 = getelementptr i8, ptr %26, i64 128
;;|   %28 = load ptr, ptr %27, align 8
;;|   %29 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 57, i32 0, ptr elementtype(i64 (ptr, i64)) %28, i32 2, i32 0, ptr %0, i64 %24, i32 0, i32 0)
;;|   %30 = call i64 @llvm.experimental.gc.result.i64(token %29)
;;|   %31 = getelementptr i8, ptr %0, i64 40
;;|   %32 = load ptr, ptr %31, align 8
;;|   %33 = getelementptr i8, ptr %32, i64 144
;;|   %34 = load ptr, ptr %33, align 8
;;|   %35 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 57, i32 0, ptr elementtype(void (ptr, i64, i64)) %34, i32 3, i32 0, ptr %0, i64 %30, i64 -1, i32 0, i32 0)
;;|   unreachable
;;|
;;| overflow:                                         ; preds = %entry
;;|   %36 = getelementptr i8, ptr %0, i64 48
;;|   %37 = load ptr, ptr %36, align 8
;;|   call void %37(ptr %0, i64 10, i64 62)
;;|   unreachable
;;|
;;| 38:                                               ; preds = %start
;;|   %39 = call i64 @llvm.experimental.gc.result.i64(token %11)
;;|   br label %22
;;| }
