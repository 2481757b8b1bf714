;; Behind unreachable the stack gives whatever is asked for, but what is there must fit.
;;! stage: validation
(module
  (func (result i32) (unreachable) (i32.add))
  (func (result i32) (unreachable) (f32.const 1) (i32.eqz)))
;;| invalid module: at byte 36: type mismatch
