;; Not a loop that may grow the memory.
;;! stage: loop-predication
;;! function: 0
;;! record: sum(0,9000)
(module
  (memory 1)
  (func (export "sum") (param $p i32) (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))))
      (drop (memory.grow (i32.const 0)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
