;; A function that only returns.
;;! stage: exit-lowering
;;! function: 0
(module (func (param i32) (result i32) (local.get 0)))
