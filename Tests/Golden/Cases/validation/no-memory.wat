;; A load without a memory.
;;! stage: validation
(module (func (result i32) (i32.load (i32.const 0))))
;;| invalid module: at byte 26: unknown memory 0
