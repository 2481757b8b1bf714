;; The table of an indirect call holds functions.
;;! stage: validation
(module (type $t (func)) (table 1 externref) (func (call_indirect (type $t) (i32.const 0))))
;;| invalid module: at byte 31: type mismatch
