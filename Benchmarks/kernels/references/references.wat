;; Calls by reference, as compilers of languages with closures and interfaces make them: out of a table, 90 % of them of one function, then out
;; of a local that comes from a global, always of the same one. By hand, since clang has no call_ref; references.c is the native code.
(module
  (type $weigh (func (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;; 0x1000: left, 0x3000: right; 2048 numbers each
  (memory (export "memory") 1)
  (data (i32.const 0x200) "references ")
  (data (i32.const 0x220) "0123456789abcdef")
  (table $methods 2048 (ref $weigh) (ref.func $leaf))
  (global $chosen (mut (ref $weigh)) (ref.func $last))
  (global $seed (mut i64) (i64.const 42))
  (elem declare func $pair)

  (func $left (param i32) (result i32) (i32.load offset=0x1000 (i32.shl (local.get 0) (i32.const 2))))
  (func $right (param i32) (result i32) (i32.load offset=0x3000 (i32.shl (local.get 0) (i32.const 2))))
  (func $leaf (type $weigh) (param $object i32) (param $x i32) (result i32)
    (i32.add (i32.mul (call $left (local.get $object)) (local.get $x)) (i32.shr_u (local.get $x) (i32.const 5))))
  (func $pair (type $weigh) (param $object i32) (param $x i32) (result i32)
    (i32.add
      (i32.xor (call $left (local.get $object)) (local.get $x))
      (i32.and (call $right (local.get $object)) (i32.shl (local.get $x) (i32.const 3)))))
  (func $last (type $weigh) (param $object i32) (param $x i32) (result i32)
    (i32.sub
      (i32.xor (call $right (local.get $object)) (i32.shl (local.get $x) (i32.const 1)))
      (local.get $object)))

  (func $run (param $rounds i32) (result i64)
    (local $sum i64) (local $x i32) (local $i i32) (local $other (ref $weigh))
    (local.set $x (i32.const 1))
    (block $done
      (loop $round
        (br_if $done (i32.eqz (local.get $rounds)))
        (local.set $other (global.get $chosen))
        (local.set $i (i32.const 0))
        (loop $next
          (local.set $sum
            (i64.add (local.get $sum)
              (i64.extend_i32_u
                (call_ref $weigh (local.get $i) (i32.add (local.get $x) (local.get $i))
                  (table.get $methods (local.get $i))))))
          (local.set $sum
            (i64.add (local.get $sum)
              (i64.extend_i32_u (call_ref $weigh (local.get $i) (local.get $x) (local.get $other)))))
          (br_if $next
            (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2048))))
        (local.set $x
          (i32.add (local.get $x)
            (i32.or (i32.wrap_i64 (i64.shr_u (local.get $sum) (i64.const 7))) (i32.const 1))))
        (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
        (br $round)))
    (local.get $sum))

  ;; xorshift64*
  (func $random (result i32) (local $x i64)
    (local.set $x (global.get $seed))
    (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 12))))
    (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 25))))
    (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 27))))
    (global.set $seed (local.get $x))
    (i32.wrap_i64
      (i64.shr_u (i64.mul (local.get $x) (i64.const 0x2545F4914F6CDD1D)) (i64.const 32))))

  ;; The first argument, or 70000.
  (func $argument (result i32) (local $place i32) (local $digit i32) (local $number i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.lt_u (i32.load (i32.const 0)) (i32.const 2)) (then (return (i32.const 70000))))
    (drop (call $args_get (i32.const 8) (i32.const 0x5000)))
    (local.set $place (i32.load (i32.const 12)))
    (block $end
      (loop $digits
        (br_if $end
          (i32.gt_u
            (local.tee $digit (i32.sub (i32.load8_u (local.get $place)) (i32.const 48)))
            (i32.const 9)))
        (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
        (local.set $place (i32.add (local.get $place) (i32.const 1)))
        (br $digits)))
    (local.get $number))

  ;; The name, 16 digits and the end of the line.
  (func $report (param $sum i64) (local $i i32)
    (loop $digits
      (i32.store8 offset=0x20B (local.get $i)
        (i32.load8_u offset=0x220
          (i32.wrap_i64
            (i64.and (i64.const 15)
              (i64.shr_u (local.get $sum)
                (i64.extend_i32_u
                  (i32.sub (i32.const 60) (i32.shl (local.get $i) (i32.const 2)))))))))
      (br_if $digits
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (i32.store8 (i32.const 0x21B) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 0x200))
    (i32.store (i32.const 4) (i32.const 28))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start") (local $i i32)
    (loop $next
      (i32.store offset=0x1000 (i32.shl (local.get $i) (i32.const 2)) (call $random))
      (i32.store offset=0x3000 (i32.shl (local.get $i) (i32.const 2)) (call $random))
      (if (i32.eqz (i32.rem_u (call $random) (i32.const 10)))
        (then (table.set $methods (local.get $i) (ref.func $pair))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2048))))
    (call $report (call $run (call $argument)))))
