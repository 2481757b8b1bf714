;; Calls keep their places as statepoints, those in a try too; what nobody here catches, the runtime throws.
;;! stage: lowered
;;! function: 1
(module
  (tag $e)
  (func $f (param i32) (result i32) (local.get 0))
  (func (param i32) (result i32)
    (block $caught
      (try_table (catch_all $caught) (drop (call $f (local.get 0))))
      (throw $e))
    (i32.const 3)))
;;| ; lowered
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f1(ptr nonnull dereferenceable(240) %0, i64 %1) local_unnamed_addr gc "statepoint-example" {
;;| entry:
;;|   %2 = getelementptr inbounds i8, ptr %0, i64 224
;;|   %3 = load i64, ptr %2, align 8
;;|   %4 = getelementptr inbounds i8, ptr %0, i64 40
;;|   %5 = load ptr, ptr %4, align 8
;;|   %6 = getelementptr i8, ptr %5, i64 192
;;|   %7 = load ptr, ptr %6, align 8
;;|   %8 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 17592186044468, i32 0, ptr elementtype(i64 (ptr, i64)) %7, i32 2, i32 0, ptr %0, i64 %3, i32 0, i32 0)
;;|   %9 = call i64 @llvm.experimental.gc.result.i64(token %8)
;;|   %10 = getelementptr i8, ptr %0, i64 40
;;|   %11 = load ptr, ptr %10, align 8
;;|   %12 = getelementptr i8, ptr %11, i64 208
;;|   %13 = load ptr, ptr %12, align 8
;;|   %14 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 17592186044468, i32 0, ptr elementtype(void (ptr, i64, i64)) %13, i32 3, i32 0, ptr %0, i64 %9, i64 -1, i32 0, i32 0)
;;|   unreachable
;;| }
