;; Calls keep their places as statepoints, those in a try too; what nobody here catches, the runtime throws.
;;! stage: lowered
;;! function: 1
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (tag $e)
  (func (param i32) (result i32)
    (block $caught
      (try_table (catch_all $caught) (drop (call $f (local.get 0))))
      (throw $e))
    (i32.const 3)))
