;; A global that may change is in the context.
;;! stage: translated
;;! function: 0
(module (global $g (mut i32) (i32.const 1)) (func (global.set $g (i32.add (global.get $g) (i32.const 1)))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define void @wasm_f0(ptr nonnull dereferenceable(208) %0) gc "statepoint-example" {
;;| entry:
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %1 = getelementptr i8, ptr %0, i64 144
;;|   %2 = load i32, ptr %1, align 8
;;|   %3 = add i32 %2, 1
;;|   %4 = getelementptr i8, ptr %0, i64 144
;;|   store i32 %3, ptr %4, align 8
;;|   br label %5
;;|
;;| 5:                                                ; preds = %start
;;|   ret void
;;| }
