;; Names of exports differ.
;;! stage: validation
(module (func (export "a")) (memory (export "a") 1))
;;| invalid module: at byte 30: duplicate export name
