#!/usr/bin/env python3
"""Compiles modules that have much of one thing, with N and 2N of it: the second may take at most 2.6 times the processor time.

    scripts/compile-shapes.py [--compiler PATH] [SHAPE...]       all shapes, or those; exit code 1 if one is out of proportion
    scripts/compile-shapes.py --fuzz SEED COUNT                  random shapes instead
    scripts/compile-shapes.py --write SHAPE N FILE.wasm

Ratios are of user and system time without that of an empty module, so they hold on a busy machine as well. Less than 0.05 s counts
as that."""

import argparse
import os
import random
import sys
import tempfile

RATIO = 2.6
I32, I64, F64 = 0x7F, 0x7E, 0x7C


def unsigned(n):
    out = bytearray()
    while True:
        byte, n = n & 127, n >> 7
        out.append(byte | (128 if n else 0))
        if not n:
            return bytes(out)


def signed(n):
    out = bytearray()
    while True:
        byte, n = n & 127, n >> 7
        done = n == 0 and not byte & 64 or n == -1 and byte & 64
        out.append(byte | (0 if done else 128))
        if done:
            return bytes(out)


def vector(items):
    return unsigned(len(items)) + b"".join(items)


def section(number, contents):
    return bytes([number]) + unsigned(len(contents)) + contents


def function_type(parameters, results):
    return b"\x60" + vector([bytes([p]) for p in parameters]) + vector([bytes([r]) for r in results])


def body(code, local_count=0, kind=I32):
    groups = [unsigned(local_count) + bytes([kind])] if local_count else []
    contents = vector(groups) + code + b"\x0b"
    return unsigned(len(contents)) + contents


def module(types, functions, bodies, global_count=0):
    """The first function is exported; there is a memory of a page, and a table with the last function."""
    out = b"\0asm\1\0\0\0" + section(1, vector(types))
    out += section(3, vector([unsigned(f) for f in functions]))
    out += section(4, b"\1\x70\1\1\1") + section(5, b"\1\0\1")
    if global_count:
        out += section(6, vector([b"\x7f\1\x41\0\x0b"] * global_count))
    out += section(7, vector([b"\3run\0\0", b"\6memory\2\0"]))
    out += section(9, vector([b"\0\x41\0\x0b" + vector([unsigned(len(functions) - 1)])]))
    return out + section(10, vector(bodies))


NOTHING = function_type([], [])
FAT = function_type([I32] * 1000, [I32] * 1000)
END, DROP, ADD = b"\x0b", b"\x1a", b"\x6a"


def get(n):
    return b"\x20" + unsigned(n)


def put(n):
    return b"\x21" + unsigned(n)


def number(n):
    return b"\x41" + signed(n)


def join(count, part):
    return b"".join(part(i) for i in range(count))


def one(code, local_count=4, types=(), **rest):
    """A module with one function of interest; function 1 does nothing."""
    return module([NOTHING, *types], [0, 0], [body(code, local_count), body(b"")], **rest)


def fat(code):
    return module(
        [NOTHING, FAT], [0, 1],
        [body(number(0) * 1000 + code + DROP * 1000), body(join(1000, get))])


LOOP = get(0) + b"\x28\2\0" + put(1) + get(0) + number(4) + ADD + b"\x22\0" + get(1) + b"\x49\x0d\0" + END
NEST = b"\3\x40" * 3 + LOOP + (get(0) + get(1) + b"\x49\x0d\0" + END) * 2

# By name: N, and the module.
SHAPES = {
    "fat-calls": (1, lambda n: fat(b"\x10\1" * n)),
    "fat-blocks": (100, lambda n: fat(b"\2\1\x0b" * n)),
    "loop-nests": (16, lambda n: one(NEST * n)),
    "global-sets": (500, lambda n: one(join(n, lambda i: number(i) + b"\x24" + unsigned(i % 1000)), global_count=1000)),
    "ifs-locals": (500, lambda n: one(join(n, lambda i: get(0) + b"\4\x40" + number(i) + put(i % 2000) + END), 2000)),
    "loops-locals": (80, lambda n: one(
        join(n, lambda i: b"\3\x40" + get(i % 2000) + number(1) + ADD + b"\x22" + unsigned(i % 2000) + number(10) + b"\x48\x0d\0" + END), 2000)),
    "functions": (250, lambda n: module([NOTHING], [0] * n, [body(b"")] + [body(b"\3\x40" + LOOP, 3)] * (n - 1))),
    "call-indirects": (500, lambda n: one((get(0) + b"\x11\0\0") * n)),
    "memory-stores": (1000, lambda n: one(join(n, lambda i: number(i * 8 % 60000) + number(i) + b"\x36\2\0"))),
    "br-tables": (100, lambda n: one((b"\2\x40" * 50 + get(0) + b"\x0e" + vector([unsigned(i) for i in range(50)]) + unsigned(49) + END * 50) * n)),
    "parameters": (200, lambda n: module(
        [NOTHING] + [function_type([I32] * (i % 40) + [I64] * (i // 40), [I32]) for i in range(n)], list(range(n + 1)),
        [body(b"")] + [body(join(i % 40, lambda k: get(k) + DROP) + number(i)) for i in range(n)])),
    # Found by --fuzz, or by asking what each pass of LLVM has to compare.
    "adds": (4000, lambda n: one(get(0) + join(n, lambda i: get(i % 4) + (ADD if i % 3 else b"\x73")) + put(0))),
    "live-across-calls": (100, lambda n: one(
        join(n, lambda i: get(i % 4) + number(i) + ADD) + b"\x10\1" * n + ADD * (n - 1) + put(0))),
    "loads": (500, lambda n: one(join(n, lambda i: get(0) + b"\x28\2" + unsigned(4 * i)) + ADD * (n - 1) + put(0))),
    "nested-ifs": (300, lambda n: one(join(n, lambda i: get(i % 4) + b"\4\x40" + get(i % 3) + put((i + 1) % 4)) + END * n)),
    "nested-loops": (40, lambda n: one(b"\3\x40" * n + (get(0) + number(1) + ADD + b"\x22\0" + get(1) + b"\x48\x0d\0" + END) * n)),
    "selects": (2000, lambda n: one(get(0) + join(n, lambda i: get(i % 4) + get((i + 1) % 4) + number(i) + b"\x48\x1b") + put(0))),
    "divisions": (1000, lambda n: one(get(0) + (get(1) + b"\x6d") * n + put(0))),
    "table-branches": (4, lambda n: one(
        join(n, lambda i: b"\2\x40" * 200 + get(0) + b"\x0e" + vector([unsigned(k % 200) for k in range(400)]) + unsigned(0)
             + join(200, lambda k: END + get(1) + number(k) + ADD + put(1))))),
    "memory-copies": (1000, lambda n: one(join(n, lambda i: get(0) + get(1) + get(2) + b"\xfc\x0a\0\0"))),
}


# Random shapes: statements of a function with four locals, which leave the operand stack as it was.
STATEMENTS = [
    lambda r: get(r(4)) + get(r(4)) + bytes([r.choice([0x6A, 0x6B, 0x6C, 0x71, 0x72, 0x73, 0x74, 0x76, 0x46, 0x48])]) + put(r(4)),
    lambda r: get(r(4)) + get(r(4)) + bytes([r.choice([0x6D, 0x6F])]) + put(r(4)),
    lambda r: get(r(4)) + b"\x28\2" + unsigned(r(1 << 12)) + put(r(4)),
    lambda r: get(r(4)) + get(r(4)) + b"\x36\2" + unsigned(r(1 << 12)),
    lambda r: number(r(1 << 15)) + get(r(4)) + b"\x3a\0" + unsigned(r(1 << 12)),
    lambda r: get(r(4)) + b"\x24" + unsigned(r(10)),
    lambda r: b"\x23" + unsigned(r(10)) + put(r(4)),
    lambda r: b"\x10\1",
    lambda r: get(r(4)) + b"\x11\0\0",
    lambda r: get(r(4)) + get(r(4)) + get(r(4)) + b"\x1b" + put(r(4)),
    lambda r: get(r(4)) + b"\xb7" + get(r(4)) + b"\xb7\xa2\xfc\2" + put(r(4)),
    lambda r: get(r(4)) + b"\xad" + get(r(4)) + b"\xad\x7e\xa7" + put(r(4)),
]
WRAPPERS = [
    lambda r, code: get(r(4)) + b"\4\x40" + code + END,
    lambda r, code: get(r(4)) + b"\4\x40" + code + b"\5" + get(r(4)) + put(r(4)) + END,
    lambda r, code: b"\3\x40" + code + get(r(4)) + number(1) + b"\x6b\x22\0\x0d\0" + END,
    lambda r, code: b"\2\x40" + get(r(4)) + b"\x0d\0" + code + END,
    lambda r, code: code,
]


class Source:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.choice = self.random.choice

    def __call__(self, end):
        return self.random.randrange(end)


def random_shape(seed):
    """The module with n copies of a random pattern, each with its own operands or all with the same, in a row or nested."""
    operands = Source(seed)
    is_looped, is_varied, is_nested = operands(2), operands(2), operands(4) == 0

    def pattern(inner=b""):
        p = Source(seed * 7919 + 1)
        choices = [(p.choice(STATEMENTS), p.choice(WRAPPERS)) for _ in range(1 + p(3))]
        code = inner
        for statement, wrapper in choices:
            code = wrapper(operands, statement(operands) + code)
        return code

    def make(n):
        nonlocal operands
        operands = Source(seed)
        code = b""
        for _ in range(n):
            if not is_varied:
                operands = Source(seed)
            code = pattern(code) if is_nested else code + pattern()
        return one((b"\3\x40" + code + get(0) + b"\x0d\0" + END) if is_looped else code, global_count=10)

    return make


def seconds(compiler, contents):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.wasm")
        with open(path, "wb") as file:
            file.write(contents)
        arguments = [compiler, "-j", "1", "--profile", "off", path, "-o", os.path.join(folder, "m.so")]
        quiet = [(os.POSIX_SPAWN_OPEN, 2, os.path.join(folder, "log"), os.O_WRONLY | os.O_CREAT, 0o600)]
        process = os.posix_spawn(compiler, arguments, os.environ, file_actions=quiet)
        _, status, usage = os.wait4(process, 0)
        with open(os.path.join(folder, "log"), errors="replace") as file:
            log = file.read()
        if status:
            sys.exit(f"{' '.join(arguments)}: status {status}\n{log}")
        return usage.ru_utime + usage.ru_stime, log.count("is baseline code")


def check(compiler, name, n, make, start):
    """Prints a row. Returns whether the time is in proportion."""
    times = [min(seconds(compiler, make(k))[0] for _ in range(2)) - start for k in (n, 2 * n)]
    baseline = seconds(compiler, make(2 * n))[1]
    ratio = max(times[1], 0) / max(times[0], 0.05)
    print(f"{name:20} {n:6} {times[0]:8.2f} s {times[1]:8.2f} s  x {ratio:5.2f}" + (f"  {baseline} baseline" if baseline else ""), flush=True)
    return ratio <= RATIO


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default=".build/release/wasm-pgo-compile")
    parser.add_argument("--fuzz", nargs=2, type=int, metavar=("SEED", "COUNT"))
    parser.add_argument("--size", type=int, default=400, help="copies of a random pattern, for N")
    parser.add_argument("--write", nargs=3, metavar=("SHAPE", "N", "FILE"))
    parser.add_argument("shapes", nargs="*")
    options = parser.parse_args()
    if options.write:
        name, n, path = options.write
        with open(path, "wb") as file:
            file.write(SHAPES[name][1](int(n)))
        return
    start = min(seconds(options.compiler, one(b""))[0] for _ in range(3))
    failures = []
    if options.fuzz:
        seed, count = options.fuzz
        for number in range(seed, seed + count):
            if not check(options.compiler, f"seed {number}", options.size, random_shape(number), start):
                failures.append(str(number))
    else:
        for name in options.shapes or SHAPES:
            if not check(options.compiler, name, *SHAPES[name], start):
                failures.append(name)
    if failures:
        sys.exit("out of proportion: " + ", ".join(failures))


main()
