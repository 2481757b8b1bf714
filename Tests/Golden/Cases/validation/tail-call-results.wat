;; The callee returns in its caller's place, so it must have the same results.
;;! stage: validation
(module
  (func $f (result i32) (return_call $g))
  (func $g (result i64) (i64.const 0)))
;;| invalid module: at byte 29: type mismatch
