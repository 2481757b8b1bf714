;; A load that LLVM moved to the branch that uses it goes back to its probe.
;;! stage: probe-lowering
;;! function: 0
(module (memory 1)
  (func (param i32 i32) (result i32) (local $x i32)
    (local.set $x (i32.load (local.get 0)))
    (if (result i32) (local.get 1)
      (then (i32.load offset=4 (local.get $x)))
      (else (i32.const 1)))))
;;| ; probe-lowering
;;| -  tail call void @wpgo.probe(ptr %i7, i64 4, i64 35, ptr %i7)
;;| +  call void asm sideeffect ".reloc ., R_X86_64_NONE, 35", ""()
;;| +  %0 = load volatile i32, ptr %i7, align 1
;;| -  %i9 = load i32, ptr %i7, align 1
;;| -  %i10 = zext i32 %i9 to i64
;;| +  %i10 = zext i32 %0 to i64
;;| -  tail call void @wpgo.probe(ptr %i12, i64 4, i64 46, ptr %i12)
;;| -  %i13 = load i32, ptr %i12, align 1
;;| +  call void asm sideeffect ".reloc ., R_X86_64_NONE, 46", ""()
;;| +  %i13 = load volatile i32, ptr %i12, align 1
