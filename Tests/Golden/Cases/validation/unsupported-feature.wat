;; A feature that is not supported, as a module in bytes.
;;! stage: validation
(module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\06\01\04\00\12\00\0b")
;;| unsupported module: at byte 23: return_call needs tail-call, which is not supported
