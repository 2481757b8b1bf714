;; The caller passes a constant index: inlining makes it known, and the guard goes.
;;! stage: guard-folding
;;! function: 0
;;! targets: 2
(module
  (type $op (func (param i32) (result i32)))
  (table 2 2 funcref)
  (elem (i32.const 0) $double $run)
  (func $run (export "run") (param i32) (result i32) (call $apply (i32.const 0) (local.get 0)))
  (func $apply (param $which i32) (param $x i32) (result i32)
    (call_indirect (type $op) (local.get $x) (local.get $which)))
  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2))))
;;| ; guard-folding
;;| -  %i = icmp eq i32 0, ptrtoint (ptr @wpgo.index.0.0.0 to i32)
;;| -  br i1 %i, label %bb6, label %bb
;;| +  br i1 true, label %bb6, label %bb
