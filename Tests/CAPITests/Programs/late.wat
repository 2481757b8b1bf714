;; Its instantiation traps unless the host gives an offset within the memory.
(module
  (import "host" "offset" (global $offset i32))
  (memory 1)
  (data (global.get $offset) "x")
  (func (export "run")))
