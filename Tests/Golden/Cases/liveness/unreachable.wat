;; Code that control does not get to keeps nothing alive.
;;! stage: liveness
(module
  (func $f)
  (func (param i32 i32)
    (call $f)
    (return)
    (drop (local.get 1))))
;;| ; liveness of f0
;;| ; liveness of f1
;;| @32 call: none
