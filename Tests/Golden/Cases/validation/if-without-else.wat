;; An if with a result has an else.
;;! stage: validation
(module (func (result i32) (if (result i32) (i32.const 1) (then (i32.const 2)))))
;;| invalid module: at byte 30: type mismatch
