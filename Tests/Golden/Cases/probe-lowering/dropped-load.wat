;; A probe whose load is gone becomes a load of the last byte.
;;! stage: probe-lowering
;;! function: 0
(module (memory 1) (func (param i32) (drop (i64.load (local.get 0)))))
;;| ; probe-lowering
;;| -  tail call void @wpgo.probe(ptr %i4, i64 8, i64 31, ptr %i4)
;;| +  call void asm sideeffect ".reloc ., R_X86_64_NONE, 31", ""()
;;| +  %0 = getelementptr i8, ptr %i4, i64 7
;;| +  %1 = load volatile i8, ptr %0, align 1
