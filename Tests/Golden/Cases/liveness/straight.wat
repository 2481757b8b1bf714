;; A local is live up to its last use, and not where it is set before it is read.
;;! stage: liveness
(module
  (func $f)
  (func (param i32 i32) (result i32) (local i32)
    (call $f)
    (local.set 2 (local.get 0))
    (call $f)
    (local.set 1 (i32.const 7))
    (call $f)
    (i32.add (local.get 1) (local.get 2))))
;;| ; liveness of f0
;;| ; liveness of f1
;;| @35 call: 0
;;| @41 call: 2
;;| @47 call: 1 2
