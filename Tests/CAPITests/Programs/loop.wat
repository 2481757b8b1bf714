(module
  (memory (export "memory") 1)
  (table 10 funcref)
  (func (export "forever") (loop $top (br $top)))
  (func (export "one") (result i32) (i32.const 1))
  (func (export "deep") (call 2)))
