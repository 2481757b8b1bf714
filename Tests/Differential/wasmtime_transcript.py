"""Writes what modules do under PyPI's wasmtime, in the lines of `Transcript` (Tests/TestSupport/Transcript.swift).

    wasmtime_transcript.py MODULE.wasm...         == PATH, |LINE, and |... at the end of one that was cut off

Limits of its own (stack, time) end a transcript: its last line is then not to be compared.
"""

import struct
import sys
import threading
import time
import zlib

import wasmtime

ROUNDS = 3
MAXIMUM_LINES = 20_000
TIMEOUT = 10  # seconds
# Limits of our stores.
MEMORY = 1024 << 16
TABLE = 10_000_000
INTEGERS = [0, 1, -1, 7, 0x7FFFFFFF, -0x80000000, 1024, 0x123456789ABCDEF0, 3, -8]
FLOATS = [0.0, 1.0, -1.5, 1e9, -0.0, 65536.25, 1e-30, -3e38]

Code = wasmtime.TrapCode
TRAPS = {
    Code.UNREACHABLE: "unreachable",
    Code.INTEGER_DIVISION_BY_ZERO: "integer divide by zero",
    Code.INTEGER_OVERFLOW: "integer overflow",
    Code.BAD_CONVERSION_TO_INTEGER: "invalid conversion to integer",
    Code.MEMORY_OUT_OF_BOUNDS: "out of bounds memory access",
    Code.TABLE_OUT_OF_BOUNDS: "out of bounds table access",
    Code.INDIRECT_CALL_TO_NULL: "uninitialized element",
    Code.BAD_SIGNATURE: "indirect call type mismatch",
}
LIMITS = {Code.STACK_OVERFLOW: "call stack exhausted", Code.INTERRUPT: "interrupted"}


class TooLong(Exception):
    pass


def wrap(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def text(kind: str, value) -> str:
    if kind in ("i32", "i64"):
        return f"{kind}:{value}"
    if kind in ("f32", "f64"):
        if value != value:
            return f"{kind}:nan"
        number = struct.unpack("<I" if kind == "f32" else "<Q", struct.pack("<f" if kind == "f32" else "<d", value))[0]
        return f"{kind}:{number:x}"
    return "null" if value is None else "reference"


def argument(kind: str, turn: int):
    if kind == "i32":
        return wrap(INTEGERS[turn % len(INTEGERS)], 32)
    if kind == "i64":
        return INTEGERS[turn % len(INTEGERS)]
    if kind == "f32":
        return struct.unpack("<f", struct.pack("<f", FLOATS[turn % len(FLOATS)]))[0]
    if kind == "f64":
        return FLOATS[turn % len(FLOATS)]
    return None


class Run:
    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module):
        self.lines: list[str] = []
        self.cut_off = False
        self.store = wasmtime.Store(engine)
        self.store.set_epoch_deadline(TIMEOUT)
        self.store.set_limits(memory_size=MEMORY, table_elements=TABLE)
        self.module = module
        instance = self.instantiate()
        if instance is not None:
            self.call_all(instance)

    def write(self, line: str) -> None:
        if len(self.lines) >= MAXIMUM_LINES:
            self.cut_off = True
            raise TooLong
        self.lines.append(line)

    def host_function(self, name: str, type: wasmtime.FuncType) -> wasmtime.Func:
        kinds = [str(kind) for kind in type.params]
        zeros = [0.0 if str(kind)[0] == "f" and str(kind)[1:].isdigit() else None if "ref" in str(kind) else 0
                 for kind in type.results]

        def body(*values):
            self.write(" ".join([name.replace("log-", "log ")] + [text(k, v) for k, v in zip(kinds, values)]))
            return None if not zeros else zeros[0] if len(zeros) == 1 else zeros

        return wasmtime.Func(self.store, type, body)

    def instantiate(self) -> wasmtime.Instance | None:
        imports = []
        for wanted in self.module.imports:
            if not isinstance(wanted.type, wasmtime.FuncType):
                self.write("instantiation: unlinkable")
                return None
            imports.append(self.host_function(wanted.name, wanted.type))
        try:
            return wasmtime.Instance(self.store, self.module, imports)
        except wasmtime.Trap as trap:
            self.write(f"instantiation: trap: {self.note(trap)}")
        except wasmtime.WasmtimeError:
            self.write("instantiation: unlinkable")
        return None

    def note(self, trap: wasmtime.Trap) -> str:
        if trap.trap_code in LIMITS:
            self.cut_off = True
            return LIMITS[trap.trap_code]
        return TRAPS.get(trap.trap_code, str(trap.trap_code))

    def call_all(self, instance: wasmtime.Instance) -> None:
        exports = instance.exports(self.store)
        names = [export.name for export in self.module.exports]
        start = exports.get("hangLimitInitializer")
        for round in range(ROUNDS):
            for number, name in enumerate(names):
                function = exports[name]
                if not isinstance(function, wasmtime.Func):
                    continue
                if start is not None:
                    start(self.store)
                self.call(name, function, round + number)
                if self.cut_off:
                    return
            self.write_state([(name, exports[name]) for name in names])

    def call(self, name: str, function: wasmtime.Func, turn: int) -> None:
        type = function.type(self.store)
        kinds = [str(kind) for kind in type.params]
        values = [argument(kind, turn + 3 * place) for place, kind in enumerate(kinds)]
        call = f"{name}({', '.join(text(k, v) for k, v in zip(kinds, values))}):"
        try:
            results = function(self.store, *values)
        except wasmtime.Trap as trap:
            return self.write(f"{call} trap: {self.note(trap)}")
        except TooLong:
            return
        kinds = [str(kind) for kind in type.results]
        results = [] if not kinds else [results] if len(kinds) == 1 else results
        self.write(" ".join([call] + [text(k, v) for k, v in zip(kinds, results)]))

    def write_state(self, exports: list) -> None:
        parts = []
        for name, item in exports:
            if isinstance(item, wasmtime.Memory):
                sum = zlib.crc32(item.get_buffer_ptr(self.store))
                parts.append(f"{name} {item.data_len(self.store)} {sum:x}")
            elif isinstance(item, wasmtime.Global):
                parts.append(f"{name} {text(str(item.type(self.store).content), item.value(self.store))}")
            elif isinstance(item, wasmtime.Table):
                parts.append(f"{name} {item.size(self.store)}")
        self.write(f"state: {', '.join(parts)}")


def main() -> None:
    config = wasmtime.Config()
    config.epoch_interruption = True
    # The language of our compiler; relaxed SIMD may differ between engines.
    for feature in ("tail_call", "memory64", "multi_memory", "function_references", "exceptions",
                    "custom_page_sizes", "wide_arithmetic"):
        setattr(config, f"wasm_{feature}", True)
    for feature in ("relaxed_simd", "gc", "threads", "stack_switching"):
        setattr(config, f"wasm_{feature}", False)
    engine = wasmtime.Engine(config)

    def tick():
        while True:
            time.sleep(1)
            engine.increment_epoch()

    threading.Thread(target=tick, daemon=True).start()
    for path in sys.argv[1:]:
        print(f"== {path}")
        try:
            with open(path, "rb") as file:
                module = wasmtime.Module(engine, file.read())
        except wasmtime.WasmtimeError as error:
            print(f"|refused: {str(error).splitlines()[0]}")
            continue
        run = Run(engine, module)
        print("".join(f"|{line}\n" for line in run.lines), end="")
        if run.cut_off:
            print("|...")


if __name__ == "__main__":
    main()
