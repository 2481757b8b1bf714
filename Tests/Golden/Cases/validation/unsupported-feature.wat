;; A feature that is not supported, as a module in bytes.
;;! stage: validation
(module binary "\00asm\01\00\00\00" "\01\05\01\60\00\01\7b" "\03\02\01\00" "\0a\16\01\14\00\fd\0c\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0b")
;;| unsupported module: at byte 14: the type v128 needs simd, which is not supported
