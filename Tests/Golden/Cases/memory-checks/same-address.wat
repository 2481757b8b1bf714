;; A second access of the same bytes needs no probe.
;;! stage: memory-checks
;;! function: 0
;;! level: 2
(module (memory 1) (func (param i32) (result i32) (i32.store (local.get 0) (i32.const 1)) (i32.add (i32.load (local.get 0)) (i32.load8_u (local.get 0)))))
;;| ; memory-checks
;;| -  call void @wpgo.probe(ptr nonnull %i6, i64 4, i64 39, ptr nonnull %i6)
;;| -  call void @wpgo.probe(ptr nonnull %i6, i64 1, i64 44, ptr nonnull %i6)
