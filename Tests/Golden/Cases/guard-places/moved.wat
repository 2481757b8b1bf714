;; A guard that LLVM moved out of a branch and a loop lost its place, and gets that of its deopt.
;;! stage: guard-places
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
;;| ; guard-places
;;| -  %i41 = icmp eq i32 %i, ptrtoint (ptr @wpgo.index.0 to i32)  ; nowhere
;;| +  %i41 = icmp eq i32 %i, ptrtoint (ptr @wpgo.index.0 to i32)  ; @73 in node 0
