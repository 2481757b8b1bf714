;; Live on one of two ways is live.
;;! stage: liveness
(module
  (func $f)
  (func (param i32 i32 i32) (result i32)
    (call $f)
    (if (result i32) (local.get 0)
      (then (call $f) (local.get 1))
      (else (call $f) (local.get 2)))))
;;| ; liveness of f0
;;| ; liveness of f1
;;| @34 call: 0 1 2
;;| @40 call: 1
;;| @45 call: 2
