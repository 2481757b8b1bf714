"""Runs a WASI command under PyPI's wasmtime.

    wasmtime_peer.py compile MODULE.wasm OUTPUT.cwasm
    wasmtime_peer.py run MODULE.cwasm REPORT [ARGUMENT...]

`run` loads code compiled before, and writes to REPORT the CPU seconds (all threads, user and system) from the call of _start to its
return: neither Python's start, nor loading, nor compiling is in it.
"""

import os
import sys
import time

import wasmtime


def main() -> int:
    engine = wasmtime.Engine()
    if sys.argv[1] == "compile":
        with open(sys.argv[2], "rb") as source:
            module = wasmtime.Module(engine, source.read())
        with open(sys.argv[3], "wb") as output:
            output.write(module.serialize())
        return 0
    module = wasmtime.Module.deserialize_file(engine, sys.argv[2])
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [os.path.basename(sys.argv[2])] + sys.argv[4:]
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    store.set_wasi(wasi)
    start = linker.instantiate(store, module).exports(store)["_start"]
    status = 0
    before = time.process_time()
    try:
        start(store)
    except wasmtime.ExitTrap as leaving:
        status = leaving.code
    seconds = time.process_time() - before
    with open(sys.argv[3], "w") as report:
        report.write(f"{seconds}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
