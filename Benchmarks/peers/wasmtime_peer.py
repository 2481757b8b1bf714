"""Runs a WASI command under PyPI's wasmtime.

    wasmtime_peer.py compile MODULE.wasm OUTPUT.cwasm [REPORT]
    wasmtime_peer.py run [--dir HOST::GUEST]... [--argv0 NAME] [--with-load] -- MODULE.cwasm REPORT [ARGUMENT...]

Both write CPU seconds (all threads, user and system) to REPORT, without Python's start. `compile`, which uses one thread: those of making
and serializing the module. `run`, which loads code compiled before: those from the call of _start to its return; with --with-load also
those of loading the code and instantiating.
"""

import argparse
import os
import sys
import time

import wasmtime


def write_report(path: str, seconds: float) -> None:
    with open(path, "w") as report:
        report.write(f"{seconds}\n")


def compile_module(engine: wasmtime.Engine, source: str, output: str, report: str = os.devnull) -> int:
    with open(source, "rb") as file:
        binary = file.read()
    before = time.process_time()
    code = wasmtime.Module(engine, binary).serialize()
    write_report(report, time.process_time() - before)
    with open(output, "wb") as file:
        file.write(code)
    return 0


def main() -> int:
    config = wasmtime.Config()
    config.parallel_compilation = False
    config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    if sys.argv[1] == "compile":
        return compile_module(engine, *sys.argv[2:])
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("report")
    parser.add_argument("--dir", action="append", default=[])
    parser.add_argument("--argv0")
    parser.add_argument("--with-load", action="store_true")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args(sys.argv[2:])
    before = time.process_time()
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
    if not options.with_load:
        before = time.process_time()
    try:
        start(store)
    except wasmtime.ExitTrap as leaving:
        status = leaving.code
    write_report(options.report, time.process_time() - before)
    return status


if __name__ == "__main__":
    sys.exit(main())
