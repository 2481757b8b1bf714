;; An access without a probe stays an ordinary one.
;;! stage: probe-lowering
;;! function: 0
(module (memory 1) (func (param i32) (result i32) (i32.store (local.get 0) (i32.const 1)) (i32.load8_u offset=3 (local.get 0))))
;;| ; probe-lowering
;;| -  tail call void @wpgo.probe(ptr %i5, i64 4, i64 34, ptr %i5)
;;| -  store i32 1, ptr %i5, align 1
;;| +  call void asm sideeffect ".reloc ., R_X86_64_NONE, 34", ""()
;;| +  store volatile i32 1, ptr %i5, align 1
