;; One that ends higher keeps its own.
;;! stage: memory-checks
;;! function: 0
;;! level: 2
(module (memory 1) (func (param i32) (result i32) (i32.add (i32.load offset=4 (local.get 0)) (i32.load offset=8 (local.get 0)))))
