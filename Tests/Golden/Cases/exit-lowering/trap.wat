;; A trap leaves by a jump to the trap stub.
;;! stage: exit-lowering
;;! function: 0
(module (func (param i32) (if (local.get 0) (then (unreachable)))))
;;| ; exit-lowering
;;| -  tail call void @wpgo.trap(i64 1, i64 28)
;;| +  %0 = getelementptr i8, ptr %arg, i64 48
;;| +  %1 = load ptr, ptr %0, align 8
;;| +  call void %1(ptr %arg, i64 1, i64 28)
