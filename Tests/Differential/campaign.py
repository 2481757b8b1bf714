#!/usr/bin/env python3
"""Compares all tiers with each other and with wasmtime, on modules made by binaryen's `wasm-opt -ttf` or those of a folder.

    campaign.py --seeds 1:5000              one module a seed; the same ones in each run with the same wasm-opt
    campaign.py --folder FOLDER             all .wasm files in it and beneath

Failing modules, each with a report, are kept in out/differential. Exit code 1 if there are any. scripts/differential.sh
builds and installs what this needs.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TIERS = Path(os.environ.get("WASM_PGO_DIFF", ROOT / ".build" / "release" / "wasm-pgo-diff"))
PYTHON = ROOT / "out" / "venv" / "bin" / "python"
WASMTIME = Path(__file__).resolve().parent / "wasmtime_transcript.py"
FAILURES = ROOT / "out" / "differential"
BATCH = 20
TIMEOUT = 120  # seconds, for one module on all tiers
# What the language of our compiler has (README.md), and nothing else.
FEATURES = ["--enable-sign-ext", "--enable-mutable-globals", "--enable-nontrapping-float-to-int", "--enable-bulk-memory"]
LACKING = ["simd", "exception-handling", "tail-call", "reference-types", "gc", "memory64", "typed-function-references",
           "extended-const", "threads", "relaxed-simd"]


# Modules


def leb(value: int) -> bytes:
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(result + bytes([value]))


def number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def opened(module: bytes, limit: int) -> bytes:
    """Exports all globals, so that they are compared too, and sets the number of turns that loops may take: the last
    global's value, which the last function, `hangLimitInitializer`, sets to a constant of 10."""
    result, at, globals_ = module[:8], 8, 0
    while at < len(module):
        identifier = module[at]
        size, start = number(module, at + 1)
        contents = module[start:start + size]
        at = start + size
        if identifier == 6:
            globals_, _ = number(contents, 0)
        elif identifier == 7:
            count, first = number(contents, 0)
            rows = b"".join(bytes([len(name)]) + name + b"\x03" + leb(index)
                            for index in range(globals_) for name in [f"global${index}".encode()])
            contents = leb(count + globals_) + contents[first:] + rows
        elif identifier == 10:
            last = b"\x41\x0a\x24" + leb(globals_ - 1) + b"\x0b"
            if contents.endswith(last):
                contents = contents[:-len(last)] + b"\x41" + bytes([limit]) + last[2:]
        result += bytes([identifier]) + leb(len(contents)) + contents
    return result


def generate(seed: int, path: Path) -> bool:
    """Whether there is a module: wasm-opt has bugs of its own."""
    choice = random.Random(seed)
    path.with_suffix(".in").write_bytes(choice.randbytes(choice.choice([500, 2000, 5000, 10000, 20000])))
    command = ["wasm-opt", path.with_suffix(".in"), "-ttf", *FEATURES, *(f"--disable-{name}" for name in LACKING)]
    command.append(choice.choice(["--enable-multivalue", "--disable-multivalue"]))
    if choice.random() < 0.3:
        command.append("--no-fuzz-oob")  # fewer traps, so more is reached
    if choice.random() < 0.5:
        command.append(choice.choice(["-O1", "-O2", "-O3", "-Os", "--flatten", "--inlining"]))
    # Last: bits of NaNs are for each engine to choose, and would reach memories and integers.
    command += ["--denan", "-o", path]
    made = subprocess.run(command, capture_output=True)
    path.with_suffix(".in").unlink()
    if made.returncode != 0:
        print(f"seed {seed}: wasm-opt: exit code {made.returncode}", file=sys.stderr)
        return False
    if choice.random() < 0.7:
        path.write_bytes(opened(path.read_bytes(), choice.choice([10, 30, 63])))
    return True


# Engines


@dataclass
class Outcome:
    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    deopts: int = 0
    tier: str = ""
    is_complete: bool = False

    @property
    def is_refused(self) -> bool:
        return bool(self.lines) and self.lines[0].startswith("refused")


def parse(text: str) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    current = Outcome()
    for line in text.splitlines():
        if line.startswith("== "):
            current = outcomes.setdefault(line[3:], Outcome())
        elif line.startswith("-- "):
            current.tier = line[3:]
        elif line.startswith("|"):
            current.lines.append(line[1:])
        elif line.startswith("!"):
            current.problems.append(line[1:])
        elif line.startswith("."):
            current.deopts, current.is_complete = int(line[1:]), True
    return outcomes


def on_tiers(paths: list[Path]) -> dict[str, Outcome]:
    """A module that ends the process does not keep the others from being run."""
    outcomes: dict[str, Outcome] = {}
    rest = [str(path) for path in paths]
    while rest:
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            try:
                status = subprocess.run([TIERS, *rest], stdout=output, stderr=errors, timeout=TIMEOUT * len(rest),
                                        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}).returncode
            except subprocess.TimeoutExpired:
                status = "timeout"
            output.seek(0)
            errors.seek(0)
            outcomes.update(parse(output.read()))
            said = errors.read()[-2000:]
        open_ones = [path for path in rest if path in outcomes and not outcomes[path].is_complete]
        if not open_ones:
            if status != 0:
                sys.exit(f"{TIERS}: exit code {status}: {said}")
            break
        outcome = outcomes[open_ones[0]]
        outcome.problems.append(f"the process ended ({status}) on: {outcome.tier}\n{said}")
        rest = rest[rest.index(open_ones[0]) + 1:]
    return outcomes


def on_wasmtime(paths: list[Path]) -> dict[str, Outcome]:
    run = subprocess.run([PYTHON, WASMTIME, *paths], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"wasmtime: exit code {run.returncode}: {run.stderr[-2000:]}")
    return parse(run.stdout)


def difference(ours: list[str], theirs: list[str]) -> str | None:
    """The first line that differs. A transcript that ends with "..." was cut off behind its last line but one."""
    count = max(len(ours), len(theirs))
    for lines in ours, theirs:
        if lines and lines[-1] == "...":
            count = min(count, len(lines) - 2)
    for index in range(count):
        a, b = (lines[index] if index < len(lines) else "(the end)" for lines in (ours, theirs))
        if a != b:
            return f"line {index + 1}\n  baseline: {a}\n  wasmtime: {b}"
    return None


# The campaign


@dataclass
class Totals:
    modules: int = 0
    lines: int = 0
    deopts: int = 0
    refused: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return (f"{self.modules} modules, {self.lines} lines of transcript, {self.deopts} deopts, "
                f"{self.refused} refused, {self.failed} failed")


def compare(paths: list[Path], totals: Totals, keeps: bool) -> None:
    ours, theirs = on_tiers(paths), on_wasmtime(paths)
    for path in paths:
        tiers, wasmtime = ours[str(path)], theirs[str(path)]
        totals.modules += 1
        totals.lines += len(tiers.lines)
        totals.deopts += tiers.deopts
        problems = list(tiers.problems)
        if tiers.is_refused or wasmtime.is_refused:
            totals.refused += 1
            if tiers.is_refused != wasmtime.is_refused:
                problems.append(f"baseline: {tiers.lines[0]}\nwasmtime: {wasmtime.lines[0]}")
        elif tiers.is_complete and (found := difference(tiers.lines, wasmtime.lines)):
            problems.append(found)
        if problems:
            totals.failed += 1
            report = f"{path.name}:\n" + "\n".join(problems)
            print(report, flush=True)
            if keeps:
                FAILURES.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, FAILURES / path.name)
                (FAILURES / path.name).with_suffix(".txt").write_text(report + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", metavar="FIRST:LAST")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="only write the seeds' modules")
    options = parser.parse_args()
    totals, start = Totals(), time.monotonic()
    if options.folder:
        paths = sorted(options.folder.rglob("*.wasm"))
        for first in range(0, len(paths), BATCH):
            compare(paths[first:first + BATCH], totals, keeps=False)
    elif options.seeds:
        first, last = (int(part) for part in options.seeds.split(":"))
        for batch in range(first, last + 1, BATCH):
            with tempfile.TemporaryDirectory() as folder:
                paths = [(options.make or Path(folder)) / f"seed-{seed}.wasm"
                         for seed in range(batch, min(batch + BATCH, last + 1))]
                paths = [path for path in paths if generate(int(path.stem[5:]), path)]
                # Two of three modules are full of indirect calls.
                indirect = [path for path in paths if int(path.stem[5:]) % 3]
                if indirect:
                    subprocess.run([TIERS, "--indirect", *indirect], check=True)
                if not options.make:
                    compare(paths, totals, keeps=True)
            if (batch - first) % 200 == 0:
                print(f"up to seed {batch}: {totals}, {time.monotonic() - start:.0f} s", flush=True)
    else:
        parser.error("--seeds or --folder is needed")
    print(f"{totals}, {time.monotonic() - start:.0f} s")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
