;; A call in a try is an invoke, a throw a branch to the handlers, or to the one that catches its tag for certain.
;;! stage: translated
;;! function: 1
(module
  (import "env" "f" (func $f (param i32)))
  (tag $a (param i32)) (tag $b)
  (func (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $a $caught)
        (call $f (local.get 0))
        (if (local.get 0) (then (throw $a (i32.const 7))))
        (throw $b))
      (unreachable))))
