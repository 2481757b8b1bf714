;; Nor does one that ends lower, from the same base.
;;! stage: memory-checks
;;! function: 0
;;! level: 2
(module (memory 1) (func (param i32) (result i32) (i32.add (i32.load offset=8 (local.get 0)) (i32.load offset=4 (local.get 0)))))
;;| ; memory-checks
;;| -  call void @wpgo.probe(ptr %i8, i64 4, i64 37, ptr %i8)
