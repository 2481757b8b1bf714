;; A minimum as the specification has it.
;;! stage: translated
;;! function: 0
(module (func (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1))))
;;| ; translated
;;| ; Function Attrs: nounwind uwtable
;;| define { i64, i64, <2 x double>, <2 x double> } @wasm_f0(ptr nonnull dereferenceable(192) %0, i64 %1, i64 %2, i64 %3, i64 %4, i64 %5, <2 x double> %6, <2 x double> %7, <2 x double> %8, <2 x double> %9, <2 x double> %10, <2 x double> %11, <2 x double> %12, <2 x double> %13) gc "statepoint-example" !dbg !6 {
;;| entry:
;;|   %14 = alloca float, align 4
;;|   %15 = alloca float, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %16 = bitcast <2 x double> %6 to <4 x float>
;;|   %17 = extractelement <4 x float> %16, i32 0
;;|   %18 = bitcast <2 x double> %7 to <4 x float>
;;|   %19 = extractelement <4 x float> %18, i32 0
;;|   store float %17, ptr %14, align 4
;;|   store float %19, ptr %15, align 4
;;|   %20 = load float, ptr %14, align 4
;;|   %21 = load float, ptr %15, align 4
;;|   %22 = fcmp uno float %20, %21
;;|   %23 = fadd float %20, %21
;;|   %24 = call nnan float @llvm.minimum.f32(float %20, float %21)
;;|   %25 = select i1 %22, float %23, float %24
;;|   br label %26
;;|
;;| 26:                                               ; preds = %start
;;|   %27 = phi float [ %25, %start ]
;;|   %28 = insertelement <4 x float> poison, float %27, i32 0
;;|   %29 = bitcast <4 x float> %28 to <2 x double>
;;|   %30 = insertvalue { i64, i64, <2 x double>, <2 x double> } poison, <2 x double> %29, 2
;;|   ret { i64, i64, <2 x double>, <2 x double> } %30
;;| }
