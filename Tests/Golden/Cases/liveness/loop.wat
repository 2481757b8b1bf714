;; What the next iteration reads is live at the end of this one.
;;! stage: liveness
(module
  (func $f)
  (func (param $n i32) (local $read i32) (local $written i32)
    (loop $again
      (drop (local.get $read))
      (local.set $written (i32.const 1))
      (drop (local.get $written))
      (call $f)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $f)))
;;| ; liveness of f0
;;| ; liveness of f1
;;| @45 call: 0 1
;;| @57 call: none
