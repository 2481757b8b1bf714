;; A plugin: `run(n, which)` calls function `which` of a table n times and adds up what it gives; 1 asks the host.
(module
  (type $f (func (param i32) (result i32)))
  (import "host" "value" (func $value (type $f)))
  (table funcref (elem $a $b))
  (func $a (type $f) (i32.mul (local.get 0) (i32.const 2)))
  (func $b (type $f) (call $value (local.get 0)))
  (func (export "run") (param $n i32) (param $which i32) (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum
        (i32.add (local.get $sum) (call_indirect (type $f) (local.get $i) (local.get $which))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))
