;; A deopt becomes a statepoint on the capture stub, and a tail call of what that returns.
;;! stage: exit-lowering
;;! function: 0
;;! targets: 1
;;! show: deopt|statepoint|result|musttail
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $run)
  (func $run (export "run") (type $op) (call_indirect (type $op) (i32.const 20) (local.get 0)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0))))
;;| ; exit-lowering
;;| -  call void @wpgo.deopt(i64 0) [ "deopt"(i32 0, i32 20, i32 %i) ]
;;| +  %2 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(ptr (ptr)) %1, i32 1, i32 2, ptr %arg, i32 0, i32 0) [ "deopt"(i32 0, i32 20, i32 %i) ]
;;| +  %3 = call ptr @llvm.experimental.gc.result.p0(token %2)
;;| +  %4 = musttail call { i64, i64, <2 x double>, <2 x double> } %3(ptr %arg, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;| -define { i64, i64, <2 x double>, <2 x double> } @wasm_f0_generic(ptr nonnull dereferenceable(288) %arg, i64 %arg3, i64 %arg4, i64 %arg5, i64 %arg6, i64 %arg7, <2 x double> %arg8, <2 x double> %arg9, <2 x double> %arg10, <2 x double> %arg11, <2 x double> %arg12, <2 x double> %arg13, <2 x double> %arg14, <2 x double> %arg15) local_unnamed_addr gc "statepoint-example" !dbg !14 {
;;| +define { i64, i64, <2 x double>, <2 x double> } @wasm_f0_generic(ptr nonnull dereferenceable(288) %arg, i64 %arg3, i64 %arg4, i64 %arg5, i64 %arg6, i64 %arg7, <2 x double> %arg8, <2 x double> %arg9, <2 x double> %arg10, <2 x double> %arg11, <2 x double> %arg12, <2 x double> %arg13, <2 x double> %arg14, <2 x double> %arg15) local_unnamed_addr gc "statepoint-example" !dbg !17 {
;;| +  %2 = musttail call { i64, i64, <2 x double>, <2 x double> } %1(ptr %arg, i64 7, i64 58, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;| +  %5 = musttail call { i64, i64, <2 x double>, <2 x double> } %4(ptr %arg, i64 8, i64 58, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;| +  %8 = musttail call { i64, i64, <2 x double>, <2 x double> } %7(ptr %arg, i64 9, i64 58, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;| +  %11 = musttail call { i64, i64, <2 x double>, <2 x double> } %10(ptr %arg, i64 10, i64 61, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
