;; So does one from another base.
;;! stage: memory-checks
;;! function: 0
;;! level: 2
(module (memory 1) (func (param i32 i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 1)))))
