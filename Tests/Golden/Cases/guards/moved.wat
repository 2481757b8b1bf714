;; A guard that LLVM moved out of a branch and a loop is still that guard, though the compare is in front of the loop.
;;! stage: guards
;;! function: 1
;;! targets: 0
(module
  (type $op (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $square $run $run)
  (func $square (type $op) (i32.mul (local.get 0) (local.get 0)))
  (func $run (type $op) (local $which i32) (local $sum i32)
    (local.set $which (local.get 0))
    (loop $again
      (if (i32.and (local.get 0) (i32.const 5))
        (then (local.set $sum (i32.xor (local.get $sum)
          (call_indirect (type $op) (local.get 0) (local.get $which))))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum)))
;;| ; guards
;;| wasm_f1+6, 5 bytes: guard 0, @73 in node 0
