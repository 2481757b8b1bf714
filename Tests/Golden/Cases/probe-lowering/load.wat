;; A probe makes the load beside it volatile, with a mark of its place in front.
;;! stage: probe-lowering
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.load (local.get 0))))
;;| ; probe-lowering
;;| -  tail call void @wpgo.probe(ptr %i4, i64 4, i64 32, ptr %i4)
;;| -  %i5 = load i32, ptr %i4, align 1
;;| +  call void asm sideeffect ".reloc ., R_X86_64_NONE, 32", ""()
;;| +  %i5 = load volatile i32, ptr %i4, align 1
