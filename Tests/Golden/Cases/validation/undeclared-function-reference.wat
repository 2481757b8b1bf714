;; Functions that ref.func names are declared.
;;! stage: validation
(module (func $f) (func (result funcref) (ref.func $f)))
;;| invalid module: at byte 31: undeclared function reference
