;; A branch brings too little to its label.
;;! stage: validation
(module (func (result i32) (block (result i32) (br 0))))
;;| invalid module: at byte 26: type mismatch
