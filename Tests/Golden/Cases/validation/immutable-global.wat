;; A global that does not change.
;;! stage: validation
(module (global i32 (i32.const 1)) (func (global.set 0 (i32.const 2))))
;;| invalid module: at byte 33: immutable global
