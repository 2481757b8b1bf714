;; A shared memory is refused where it is declared, as a module in bytes.
;;! stage: validation
(module binary "\00asm\01\00\00\00" "\05\04\01\03\01\01")
;;| unsupported module: at byte 11: a shared memory needs threads, which is not supported
