;; What code generation gets of a load.
;;! stage: lowered
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load (local.get 0))))
;;| ; lowered
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) local_unnamed_addr gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   %14 = getelementptr inbounds i8, ptr %0, i64 8
;;|   %15 = load ptr, ptr %14, align 8
;;|   %16 = and i64 %1, 4294967295
;;|   %17 = getelementptr i8, ptr %15, i64 %16
;;|   call void asm sideeffect ".reloc ., R_X86_64_NONE, 32", ""()
;;|   %18 = load volatile i32, ptr %17, align 1
;;|   %19 = zext i32 %18 to i64
;;|   %20 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, i64 %19, 0
;;|   ret { i64, i64, <2 x double>, <2 x double> } %20
;;| }
