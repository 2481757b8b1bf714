;; A throw in an inlined body that the function itself catches is a jump.
;;! stage: optimized
;;! function: 0
;;! targets: 1
(module
  (tag $e (param i32))
  (func (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $e $caught) (call $f (local.get 0)))))
  (func $f (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 5))))
    (i32.mul (local.get 0) (i32.const 3))))
;;| ; optimized
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f0(ptr nonnull dereferenceable(240) %0, i64 %1) gc "statepoint-example" {
;;| entry:
;;|   %2 = and i64 %1, 4294967295
;;|   %3 = icmp eq i64 %2, 0
;;|   %4 = mul i64 %1, 3
;;|   %5 = and i64 %4, 4294967295
;;|   %6 = select i1 %3, i64 5, i64 %5
;;|   ret i64 %6
;;| }
