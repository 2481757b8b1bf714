;; Targets of br_table take different numbers of values.
;;! stage: validation
(module (func (result i32) (block (block (result i32) (br_table 0 1 (i32.const 1) (i32.const 2)) ) (drop)) (i32.const 3)))
;;| invalid module: at byte 32: type mismatch
