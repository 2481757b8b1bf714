;; A start function takes and gives nothing.
;;! stage: validation
(module (func $f (param i32)) (start $f))
;;| invalid module: at byte 21: start function
