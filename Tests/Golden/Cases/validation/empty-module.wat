;; The smallest module.
;;! stage: validation
(module)
;;| valid
