;; A probe on one of two ways is not enough.
;;! stage: memory-checks
;;! function: 0
;;! level: 2
(module (memory 1) (func (param i32 i32) (result i32) (if (local.get 1) (then (i32.store offset=8 (local.get 0) (i32.const 1)))) (i32.load (local.get 0))))
