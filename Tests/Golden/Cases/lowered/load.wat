;; What code generation gets of a load.
;;! stage: lowered
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load (local.get 0))))
;;| ; lowered
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = getelementptr inbounds i8, ptr %0, i64 8
;;|   %3 = load ptr, ptr %2, align 8
;;|   %4 = and i64 %1, 4294967295
;;|   %5 = getelementptr i8, ptr %3, i64 %4
;;|   call void asm sideeffect ".reloc ., R_X86_64_NONE, 32", ""()
;;|   %6 = load volatile i32, ptr %5, align 1
;;|   %7 = zext i32 %6 to i64
;;|   ret i64 %7
;;| }
