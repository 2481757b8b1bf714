;; A global's value is a constant.
;;! stage: validation
(module (global i32 (i32.add (i32.const 1) (i32.const 2))) (global i32 (i32.ctz (i32.const 1))))
;;| invalid module: at byte 23: constant expression required
