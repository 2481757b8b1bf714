;; A label that is not there.
;;! stage: validation
(module (func (block (br 2))))
;;| invalid module: at byte 25: unknown label 2
