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
;;| +  %2 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 -1, i32 0, ptr elementtype(ptr (ptr)) %1, i32 1, i32 2, ptr %arg, i32 0, i32 0) [ "deopt"(i32 0, i32 20, i32 %i) ]
;;| +  %3 = call ptr @llvm.experimental.gc.result.p0(token %2)
;;| +  %4 = musttail call i64 %3(ptr %arg, i64 poison)
