;; A loop that a guard kept from being a vector loop: it is unswitched first.
;;! stage: optimized
;;! function: 3
;;! record: run(1,20000)
;;! show: mul <|xor <
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $double $square $negate)
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0)))
  (func $negate (type $op) (i32.sub (i32.const 0) (local.get 0)))
  (func $run (export "run") (param $which i32) (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.xor (local.get $sum)
        (call_indirect (type $op) (local.get $n) (local.get $which))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;;| ; optimized
;;|   %18 = mul <4 x i32> %vec.ind, %vec.ind
;;|   %19 = mul <4 x i32> %step.add, %step.add
;;|   %20 = xor <4 x i32> %18, %vec.phi
;;|   %21 = xor <4 x i32> %19, %vec.phi19
;;|   %bin.rdx = xor <4 x i32> %21, %20
;;|   %33 = mul <4 x i32> %vec.ind, %vec.ind
;;|   %34 = mul <4 x i32> %step.add, %step.add
;;|   %35 = xor <4 x i32> %vec.phi, %33
;;|   %36 = xor <4 x i32> %vec.phi43, %34
;;|   %bin.rdx = xor <4 x i32> %36, %35
