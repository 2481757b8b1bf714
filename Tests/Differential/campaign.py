#!/usr/bin/env python3
"""Compares all tiers with each other, with wasmtime and with V8: what each export of a module does.

    campaign.py --seeds 1:5000              modules by binaryen's `wasm-opt -ttf`, one a seed; the same ones with the same wasm-opt
    campaign.py --simd --seeds 1:5000       the same with vectors
    campaign.py --generator 1:5000          modules of wasm-pgo-fuzz, those of its seeds that take one module
    campaign.py --folder FOLDER             all .wasm files in it and beneath
    campaign.py --check FILE                says on which tier or engine a module first differs; wasm-reduce calls it

Failing modules are kept in out/differential, each with a report and made smaller by binaryen's wasm-reduce. Exit code 1 if
there are any. scripts/differential.sh builds and installs what this needs.
"""

import argparse
import os
import random
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import vectors

ROOT = Path(__file__).resolve().parent.parent.parent
TIERS = Path(os.environ.get("WASM_PGO_DIFF", ROOT / ".build" / "release" / "wasm-pgo-diff"))
GENERATOR = Path(os.environ.get("WASM_PGO_FUZZ", ROOT / ".build" / "release" / "wasm-pgo-fuzz"))
PYTHON = ROOT / "out" / "venv" / "bin" / "python"
HERE = Path(__file__).resolve().parent
BROWSER = os.environ.get("V8_BROWSER", "chromium-headless-shell")
FAILURES = Path(os.environ.get("WASM_PGO_FAILURES", ROOT / "out" / "differential"))
BATCH = 20
TIMEOUT = 120  # seconds of processor time, for one module on all tiers
# What the language of our compiler has (README.md) and all tools around take. Tail calls are not: wasmtime 50 fails to compile some functions
# with them when it counts epochs.
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


def opened(module: bytes, limit: int, hidden: set[int]) -> bytes:
    """Exports all globals but those `hidden`, so that they are compared too, and sets the number of turns that loops may take: the last
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
            rows = [bytes([len(name)]) + name + b"\x03" + leb(index)
                    for index in range(globals_) if index not in hidden for name in [f"global${index}".encode()]]
            contents = leb(count + len(rows)) + contents[first:] + b"".join(rows)
        elif identifier == 10:
            last = b"\x41\x0a\x24" + leb(globals_ - 1) + b"\x0b"
            if contents.endswith(last):
                contents = contents[:-len(last)] + b"\x41" + bytes([limit]) + last[2:]
        result += bytes([identifier]) + leb(len(contents)) + contents
    return result


def features(simd: bool) -> list[str]:
    disabled = [f"--disable-{name}" for name in LACKING if not (simd and name == "simd")]
    return [*FEATURES, *disabled, *(["--enable-simd"] if simd else [])]


def generate(seed: int, path: Path, simd: bool) -> bool:
    """Whether there is a module: wasm-opt has bugs of its own."""
    choice = random.Random(seed)
    path.with_suffix(".in").write_bytes(choice.randbytes(choice.choice([500, 2000, 5000, 10000, 20000])))
    command = ["wasm-opt", path.with_suffix(".in"), "-ttf", *features(simd)]
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
    hidden = vectors.rewrite(path, [*features(simd), "--enable-multivalue"]) if simd else set()
    if choice.random() < 0.7:
        path.write_bytes(opened(path.read_bytes(), choice.choice([10, 30, 63]), hidden))
    return True


def generate_all(seeds: range, folder: Path, simd: bool) -> list[Path]:
    """Two of three modules are full of indirect calls."""
    paths = [path for seed in seeds if generate(seed, path := folder / f"seed-{seed}.wasm", simd)]
    indirect = [path for path in paths if int(path.stem[5:]) % 3]
    if indirect:
        subprocess.run([TIERS, "--indirect", *indirect], check=True)
    return paths


def generate_own(first: int, count: int, folder: Path) -> list[Path]:
    """Modules of our own generator, full of indirect calls that change their minds."""
    subprocess.run([GENERATOR, "standalone", "--seed", str(first), "--count", str(count), "--output", folder], check=True)
    return sorted(folder.glob("seed-*.wasm"))


# Engines


@dataclass
class Problem:
    """Where a module differs or a process died, and how."""
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass
class Outcome:
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
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
        elif line.startswith("!!"):
            current.problems[-1].text += "\n  " + line[2:]
        elif line.startswith("!"):
            current.problems.append(Problem(line[1:], "differs"))
        elif line.startswith("."):
            current.deopts, current.is_complete = int(line[1:]), True
    return outcomes


def limited(seconds: int) -> dict:
    """For a process that may use so much processor time. One that only waits is ended, too, later."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5)), "timeout": 20 * seconds}


def on_tiers(paths: list[Path]) -> dict[str, Outcome]:
    """A module that ends the process does not keep the others from being run."""
    outcomes: dict[str, Outcome] = {}
    rest = [str(path) for path in paths]
    while rest:
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            try:
                status = subprocess.run([TIERS, *rest], stdout=output, stderr=errors, **limited(TIMEOUT * len(rest)),
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
        outcome.problems.append(Problem(outcome.tier, f"the process ended ({status})\n{said}"))
        rest = rest[rest.index(open_ones[0]) + 1:]
    return outcomes


def on_wasmtime(paths: list[Path]) -> dict[str, Outcome]:
    run = subprocess.run([PYTHON, HERE / "wasmtime_transcript.py", *paths], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"wasmtime: exit code {run.returncode}: {run.stderr[-2000:]}")
    return parse(run.stdout)


def on_v8(paths: list[Path]) -> dict[str, Outcome]:
    """V8 cannot be told to end what takes too long: such a batch is looked at module by module."""
    # Ends the browser's other processes, too.
    command = ["timeout", str(TIMEOUT), PYTHON, HERE / "v8_transcript.py"]
    run = subprocess.run([*command, *paths], capture_output=True, text=True)
    if run.returncode == 124:
        return {} if len(paths) == 1 else {name: outcome for path in paths for name, outcome in on_v8([path]).items()}
    if run.returncode != 0:
        sys.exit(f"V8: exit code {run.returncode}: {run.stderr[-2000:]}")
    return parse(run.stdout)


def as_in_v8(line: str) -> str:
    return line.replace("trap: invalid conversion to integer", "trap: integer overflow")


def difference(ours: list[str], theirs: list[str]) -> str | None:
    """The first line that differs. A transcript that ends with "..." was cut off behind its last line but one."""
    count = max(len(ours), len(theirs))
    for lines in ours, theirs:
        if lines and lines[-1] == "...":
            count = min(count, len(lines) - 2)
    for index in range(count):
        a, b = (lines[index] if index < len(lines) else "(the end)" for lines in (ours, theirs))
        if a != b:
            return f"line {index + 1}\n  baseline: {a}\n  there:    {b}"
    return None


# The campaign


@dataclass
class Totals:
    modules: int = 0
    lines: int = 0
    deopts: int = 0
    refused: int = 0
    in_v8: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return (f"{self.modules} modules, {self.lines} lines of transcript, {self.deopts} deopts, {self.in_v8} also in V8, "
                f"{self.refused} refused, {self.failed} failed")


def compare(paths: list[Path], totals: Totals) -> dict[Path, list[Problem]]:
    """What is wrong with those that fail."""
    ours, wasmtime = on_tiers(paths), on_wasmtime(paths)
    v8 = on_v8(paths) if shutil.which(BROWSER) else {}
    failures = {}
    for path in paths:
        tiers, theirs = ours[str(path)], wasmtime[str(path)]
        totals.modules += 1
        totals.lines += len(tiers.lines)
        totals.deopts += tiers.deopts
        problems = list(tiers.problems)
        if tiers.is_refused or theirs.is_refused:
            totals.refused += 1
            if tiers.is_refused != theirs.is_refused:
                problems.append(Problem("wasmtime", f"{theirs.lines[:1]}, baseline {tiers.lines[:1]}"))
        elif tiers.is_complete:
            if found := difference(tiers.lines, theirs.lines):
                problems.append(Problem("wasmtime", found))
            # V8 refuses modules whose memory is too large, which elsewhere cannot be instantiated.
            if (browser := v8.get(str(path))) and not browser.is_refused:
                totals.in_v8 += 1
                if found := difference([as_in_v8(line) for line in tiers.lines], browser.lines):
                    problems.append(Problem("V8", found))
        if problems:
            totals.failed += 1
            failures[path] = problems
    return failures


def check(path: Path) -> int:
    """Prints where a module fails: always the same for one and the same fault. The other engines are not asked if the tiers differ."""
    problems = on_tiers([path])[str(path)].problems or compare([path], Totals()).get(path, [])
    for problem in problems[:1]:
        print(problem.place)
    return 1 if problems else 0


def shrunk(path: Path, seconds: int) -> str:
    """Makes a failing module smaller for as long as it fails in the same place, into PATH.small.wasm."""
    command = shlex.join([sys.executable, str(Path(__file__).resolve()), "--check"])
    small = path.with_suffix(".small.wasm")
    small.unlink(missing_ok=True)
    # When it is ended, a wasm-opt of its may still write.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        test = Path(folder) / "test.wasm"
        tools = Path(shutil.which("wasm-opt") or "").parent
        with (Path(folder) / "errors").open("w+") as errors:
            reduction = subprocess.Popen(
                ["wasm-reduce", path, f"--command={command} {test}", "-t", test, "-w", small, "-b", tools, "--denan",
                 "-to", str(TIMEOUT)],
                stdout=subprocess.DEVNULL, stderr=errors)
            start = time.monotonic()
            while reduction.poll() is None:
                taken = time.monotonic() - start
                is_smaller = small.exists() and small.stat().st_size < path.stat().st_size
                # A busy machine gets more time for a first result.
                if taken > seconds and (is_smaller or taken > 60 * seconds):
                    reduction.kill()
                time.sleep(0.1)
            if not small.exists():
                errors.seek(0)
                return f"wasm-reduce: exit code {reduction.returncode}: {errors.read().strip()[-300:]}"
    return f"made smaller: {small.name}, {small.stat().st_size} of {path.stat().st_size} bytes"


def keep(path: Path, problems: list[Problem], seconds: int) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    kept = FAILURES / path.name
    shutil.copy(path, kept)
    with kept.with_suffix(".txt").open("w") as report:

        def say(text: str) -> None:
            for file in sys.stdout, report:
                print(text, file=file, flush=True)

        say(f"{path.name}:\n" + "\n".join(str(problem) for problem in problems))
        if seconds > 0:
            say(shrunk(kept, seconds))


def span(text: str) -> range:
    """FIRST:LAST"""
    first, last = (int(part) for part in text.split(":"))
    if last < first:
        raise argparse.ArgumentTypeError(f"'{text}' ends before it starts")
    return range(first, last + 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=span, metavar="FIRST:LAST")
    parser.add_argument("--generator", type=span, metavar="FIRST:LAST")
    parser.add_argument("--simd", action="store_true", help="with vectors in the modules of --seeds")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--check", type=Path, metavar="FILE")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="only write the seeds' modules")
    parser.add_argument("--shrink", type=int, metavar="SECONDS", default=600, help="for each failing module (default: 600)")
    options = parser.parse_args()
    totals, start = Totals(), time.monotonic()
    if not shutil.which(BROWSER) and not options.check:
        print(f"no {BROWSER}: without V8", file=sys.stderr)
    if options.check:
        return check(options.check)
    if options.folder:
        paths = sorted(options.folder.rglob("*.wasm"))
        for first in range(0, len(paths), BATCH):
            for path, problems in compare(paths[first:first + BATCH], totals).items():
                print(f"{path}:", *problems, sep="\n", flush=True)
    elif options.seeds or options.generator:
        all_seeds = options.seeds or options.generator
        for batch in all_seeds[::BATCH]:
            with tempfile.TemporaryDirectory() as folder:
                target = options.make or Path(folder)
                seeds = range(batch, min(batch + BATCH, all_seeds.stop))
                paths = generate_own(batch, len(seeds), target) if options.generator else generate_all(seeds, target, options.simd)
                if not options.make:
                    for path, problems in compare(paths, totals).items():
                        keep(path, problems, options.shrink)
            if (batch - all_seeds.start) % 200 == 0:
                print(f"up to seed {batch}: {totals}, {time.monotonic() - start:.0f} s", flush=True)
    else:
        parser.error("--seeds, --generator, --folder or --check is needed")
    print(f"{totals}, {time.monotonic() - start:.0f} s")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
