;; What a block sets is not set behind it.
;;! stage: validation
(module
  (type $t (func))
  (func (param (ref $t)) (local (ref $t))
    (block (local.set 1 (local.get 0)) (drop (local.get 1)))
    (drop (local.get 1))))
;;| invalid module: at byte 41: uninitialized local 1
