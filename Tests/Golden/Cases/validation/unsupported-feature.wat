;; A feature that is not supported, as a module in bytes.
;;! stage: validation
(module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\07\01\05\00\fb\00\00\0b")
;;| unsupported module: at byte 23: struct.new needs gc, which is not supported
