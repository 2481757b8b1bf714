;; A trap leaves by a jump to the trap stub.
;;! stage: exit-lowering
;;! function: 0
(module (func (param i32) (if (local.get 0) (then (unreachable)))))
;;| ; exit-lowering
;;| -  tail call void @wpgo.trap(i64 1, i64 28)
;;| -  unreachable
;;| +  %0 = getelementptr i8, ptr %arg, i64 48
;;| +  %1 = load ptr, ptr %0, align 8
;;| +  %2 = musttail call { i64, i64, <2 x double>, <2 x double> } %1(ptr %arg, i64 1, i64 28, i64 poison, i64 poison, i64 poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison, <2 x double> poison)
;;| +  ret { i64, i64, <2 x double>, <2 x double> } %2
