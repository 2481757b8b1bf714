;; An alignment above the natural one.
;;! stage: validation
(module (memory 1) (func (result i32) (i32.load align=8 (i32.const 0))))
;;| invalid module: at byte 31: alignment must not be larger than natural
