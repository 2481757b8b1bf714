;; All targets of a br_table count.
;;! stage: liveness
(module
  (func $f)
  (func (param i32 i32 i32) (result i32)
    (block $a
      (block $b
        (call $f)
        (br_table $a $b (local.get 0)))
      (call $f)
      (return (local.get 1)))
    (call $f)
    (local.get 2)))
;;| ; liveness of f0
;;| ; liveness of f1
;;| @38 call: 0 1 2
;;| @47 call: 1
;;| @53 call: 2
