(module
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $double $square $negate $same)
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
  (func $same (type $unary) (local.get 0))
  ;; Applies an entry of the table to the numbers from $count down to 1, and sums up.
  (func (export "run") (param $entry i32) (param $count i32) (result i32)
    (local $sum i32)
    (loop $top
      (local.set $sum
        (i32.add (local.get $sum)
          (call_indirect (type $unary) (local.get $count) (local.get $entry))))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $top (local.get $count)))
    (local.get $sum))
  (func (export "trap") unreachable))
