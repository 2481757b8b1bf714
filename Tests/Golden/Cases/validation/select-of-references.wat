;; A select of references says its type.
;;! stage: validation
(module (func (param externref) (result externref) (select (local.get 0) (local.get 0) (i32.const 1))))
;;| invalid module: at byte 31: type mismatch
