;; An operand of the wrong type.
;;! stage: validation
(module (func (result i32) (i32.add (i32.const 1) (f32.const 2))))
;;| invalid module: at byte 31: type mismatch
