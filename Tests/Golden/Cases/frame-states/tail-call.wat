;; A body inlined at a tail call takes the place of the one around it: two frames, not three.
;;! stage: frame-states
;;! function: 0
;;! targets: 2
(module
  (type $t (func (param i32) (result i32)))
  (table 2 2 funcref) (elem (i32.const 0) $leaf $other)
  (func $outer (param $n i32) (result i32)
    (i32.add (local.get $n) (call $left (local.get $n) (i32.const 7))))
  (func $left (param $n i32) (param $index i32) (result i32)
    (i64.const 5)
    (return_call $around (local.get $index) (local.get $n)))
  (func $leaf (type $t) (local.get 0))
  (func $around (param $index i32) (param $n i32) (result i32)
    (i64.const 6)
    (return_call_indirect (type $t) (local.get $n) (local.get $index)))
  (func $other (type $t) (i32.const 3)))
;;| ; frame-states
;;| 0 in f0
;;|   f0 after @58: locals [i32], operands [i32]
;;|   f3 before @86: locals [i32, i32], operands [i64, i32, i32]
