;; An operand that is not there.
;;! stage: validation
(module (func (result i32) (i32.add (i32.const 1))))
;;| invalid module: at byte 26: type mismatch
