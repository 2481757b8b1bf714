;; A minimum as the specification has it.
;;! stage: translated
;;! function: 0
(module (func (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define float @wasm_f0(ptr nonnull dereferenceable(192) %0, float %1, float %2) gc "statepoint-example" {
;;| entry:
;;|   %3 = alloca float, align 4
;;|   %4 = alloca float, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   store float %1, ptr %3, align 4
;;|   store float %2, ptr %4, align 4
;;|   %5 = load float, ptr %3, align 4
;;|   %6 = load float, ptr %4, align 4
;;|   %7 = fcmp uno float %5, %6
;;|   %8 = fadd float %5, %6
;;|   %9 = call nnan float @llvm.minimum.f32(float %5, float %6)
;;|   %10 = select i1 %7, float %8, float %9
;;|   br label %11
;;|
;;| 11:                                               ; preds = %start
;;|   %12 = phi float [ %10, %start ]
;;|   ret float %12
;;| }
