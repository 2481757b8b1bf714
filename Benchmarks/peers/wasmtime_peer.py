"""Runs a WASI command under PyPI's wasmtime.

    wasmtime_peer.py compile MODULE.wasm OUTPUT.cwasm
    wasmtime_peer.py run [--dir HOST::GUEST]... [--argv0 NAME] -- MODULE.cwasm REPORT [ARGUMENT...]

`run` loads code compiled before, and writes to REPORT the CPU seconds (all threads, user and system) from the call of _start to its
return: neither Python's start, nor loading, nor compiling is in it.
"""

import argparse
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
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("report")
    parser.add_argument("--dir", action="append", default=[])
    parser.add_argument("--argv0")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args(sys.argv[2:])
    module = wasmtime.Module.deserialize_file(engine, options.module)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [options.argv0 or os.path.basename(options.module)] + options.arguments
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    for directory in options.dir:
        host, _, guest = directory.partition("::")
        wasi.preopen_dir(host, guest or host)
    store.set_wasi(wasi)
    start = linker.instantiate(store, module).exports(store)["_start"]
    status = 0
    before = time.process_time()
    try:
        start(store)
    except wasmtime.ExitTrap as leaving:
        status = leaving.code
    seconds = time.process_time() - before
    with open(options.report, "w") as report:
        report.write(f"{seconds}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
