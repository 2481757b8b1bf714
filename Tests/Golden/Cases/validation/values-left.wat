;; A value more than the type has results.
;;! stage: validation
(module (func (result i32) (i32.const 1) (i32.const 2)))
;;| invalid module: at byte 28: type mismatch
