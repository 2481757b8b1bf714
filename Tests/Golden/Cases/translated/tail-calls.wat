;; Of the function itself, in the body inlined at a tail call too: branches to its start. Of a function with other registers: the definition has
;; the registers of both.
;;! stage: translated
;;! function: 1
;;! targets: 2
(module
  (import "env" "host" (func $host (param i64 f64 f32) (result i32)))
  (func $f (param $n i32) (param $x f32) (result i32) (local $zero i64)
    (if (i32.eqz (local.get $n)) (then (return (i32.wrap_i64 (local.get $zero)))))
    (if (i32.and (local.get $n) (i32.const 1)) (then
      (return_call $f (i32.const 4) (local.get $x))))
    (return_call $g (local.get $n)))
  (func $g (param $n i32) (result i32)
    (if (i32.and (local.get $n) (i32.const 2)) (then
      (return_call $f (i32.const 5) (f32.const 2))))
    (return_call $host (i64.const 1) (f64.const 3) (f32.const 4))))
;;| ; translated
;;| ; Function Attrs: uwtable
;;| define i64 @wasm_f1(ptr nonnull dereferenceable(272) %0, i64 %1, <2 x i64> %2, <2 x i64> %3) gc "statepoint-example" {
;;| entry:
;;|   %4 = alloca i32, align 4
;;|   %5 = alloca float, align 4
;;|   %6 = alloca i64, align 8
;;|   %7 = alloca i32, align 4
;;|   br label %setup
;;|
;;| setup:                                            ; preds = %entry
;;|   br label %start
;;|
;;| start:                                            ; preds = %setup
;;|   %8 = bitcast <2 x i64> %2 to <4 x float>
;;|   %9 = extractelement <4 x float> %8, i32 0
;;|   %10 = trunc i64 %1 to i32
;;|   store i32 %10, ptr %4, align 4
;;|   store float %9, ptr %5, align 4
;;|   store i64 0, ptr %6, align 8
;;|   br label %11
;;|
;;| 11:                                               ; preds = %35, %26, %start
;;|   store i64 0, ptr %6, align 8
;;|   %12 = load i32, ptr %4, align 4
;;|   %13 = icmp eq i32 %12, 0
;;|   %14 = zext i1 %13 to i32
;;|   br i1 %13, label %18, label %21
;;|
;;| 15:                                               ; preds = %18
;;|   %16 = phi i32 [ %20, %18 ]
;;|   %17 = zext i32 %16 to i64
;;|   ret i64 %17
;;|
;;| 18:                                               ; preds = %11
;;|   %19 = load i64, ptr %6, align 8
;;|   %20 = trunc i64 %19 to i32
;;|   br label %15
;;|
;;| 21:                                               ; preds = %11
;;|   br label %22
;;|
;;| 22:                                               ; preds = %21
;;|   %23 = load i32, ptr %4, align 4
;;|   %24 = and i32 %23, 1
;;|   %25 = icmp ne i32 %24, 0
;;|   br i1 %25, label %26, label %28
;;|
;;| 26:                                               ; preds = %22
;;|   %27 = load float, ptr %5, align 4
;;|   store i32 4, ptr %4, align 4
;;|   store float %27, ptr %5, align 4
;;|   br label %11
;;|
;;| 28:                                               ; preds = %22
;;|   br label %29
;;|
;;| 29:                                               ; preds = %28
;;|   %30 = load i32, ptr %4, align 4
;;|   store i32 %30, ptr %7, align 4
;;|   br label %31
;;|
;;| 31:                                               ; preds = %29
;;|   %32 = load i32, ptr %7, align 4
;;|   %33 = and i32 %32, 2
;;|   %34 = icmp ne i32 %33, 0
;;|   br i1 %34, label %35, label %36
;;|
;;| 35:                                               ; preds = %31
;;|   store i32 5, ptr %4, align 4
;;|   store float 2.000000e+00, ptr %5, align 4
;;|   br label %11
;;|
;;| 36:                                               ; preds = %31
;;|   br label %37
;;|
;;| 37:                                               ; preds = %36
;;|   %38 = getelementptr i8, ptr %0, i64 176
;;|   %39 = load ptr, ptr %38, align 8
;;|   %40 = getelementptr i8, ptr %38, i64 8
;;|   %41 = load ptr, ptr %40, align 8
;;|   %42 = musttail call i64 %39(ptr %41, i64 1, <2 x i64> <i64 4613937818241073152, i64 poison>, <2 x i64> bitcast (<4 x float> <float 4.000000e+00, float poison, float poison, float poison> to <2 x i64>))
;;|   ret i64 %42
;;| }
