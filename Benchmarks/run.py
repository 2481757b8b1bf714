#!/usr/bin/env python3
"""Runs the kernels side by side and prints ratios against native code. Method: Benchmarks/README.md."""

import argparse
import functools
import json
import math
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import common
from common import ROOT, VENV_PYTHON, WASM_PGO, WASMTIME_PEER, Failure, Outcome, execute, first_line

KERNELS = ROOT / "Benchmarks" / "kernels"
PEERS = ROOT / "Benchmarks" / "peers"
OUT = ROOT / "out" / "bench"
WASM2C_RUNTIME = Path("/usr/share/wabt/wasm2c")


@dataclass(frozen=True)
class Kernel:
    """`count`: the first argument, about half a second of native code. `rest`: further arguments of the measured run.
    `recorded`: those of the run that is recorded, if they differ."""

    name: str
    count: int
    indirect: bool = True
    rest: tuple = ()
    recorded: tuple | None = None

    def arguments(self, scale: float) -> list[str]:
        return [str(max(1, round(self.count * scale))), *self.rest]

    # Profiles are taken with a tenth of the work: what is measured is not what was recorded.
    def training(self, scale: float) -> list[str]:
        rest = self.rest if self.recorded is None else self.recorded
        return [str(max(1, round(self.count * scale / 10))), *rest]

    @property
    def source(self) -> Path:
        c = KERNELS / f"{self.name}.c"
        return c if c.exists() else KERNELS / f"{self.name}.cpp"

    @property
    def module(self) -> Path:
        return KERNELS / f"{self.name}.wasm"


ALL = [
    Kernel("mono", 320000),
    Kernel("bimorphic", 100000),
    Kernel("mega", 14000),
    Kernel("vector", 60000),
    Kernel("rays", 140),
    Kernel("richards", 12500),
    Kernel("deltablue", 250),
    Kernel("interp", 4),
    Kernel("sort", 50),
    Kernel("pipeline", 47000),
    # Recorded without the phase change, measured with it.
    Kernel("phase", 225000, rest=("50",), recorded=("100",)),
    Kernel("matmul", 420, indirect=False),
    Kernel("sha256", 2200, indirect=False),
    Kernel("hashtable", 1250, indirect=False),
    Kernel("strings", 20000, indirect=False),
]


def clang_for(source: Path) -> list:
    # The wasm is built without exceptions and RTTI, so the native code is too.
    if source.suffix == ".cpp":
        return ["clang++-19", "-O2", "-std=c++17", "-fno-exceptions", "-fno-rtti"]
    return ["clang-19", "-O2", "-std=c11"]


def build_with_pgo(compiler: list, inputs: list, output: Path, training: list[str]) -> None:
    """Instruments (at the level of IR), trains, compiles again with the profile."""
    raw, profile, trainer = output.with_suffix(".profraw"), output.with_suffix(".profdata"), output.with_suffix(".train")
    raw.unlink(missing_ok=True)
    execute([*compiler, f"-fprofile-generate={OUT}", *inputs, "-lm", "-o", trainer])
    execute(["env", f"LLVM_PROFILE_FILE={raw}", trainer, *training])
    execute(["llvm-profdata-19", "merge", raw, "-o", profile])
    execute([*compiler, f"-fprofile-use={profile}", *inputs, "-lm", "-o", output])


class Column:
    """One way to run a kernel."""

    key = ""
    title = ""
    ours = False

    def missing(self) -> str | None:
        """Why it cannot be had here, or None."""
        return None

    def prepare(self, kernel: Kernel, scale: float) -> None:
        pass

    def ensure(self, kernel: Kernel, scale: float) -> None:
        """Prepares, but a peer's build is kept while what it is made from stays the same."""
        if self.ours:
            return self.prepare(kernel, scale)
        inputs = [kernel.source, kernel.module, KERNELS / "bench.h", Path(__file__), Path(common.__file__), *sorted(PEERS.iterdir())]
        state = f"{scale} {toolchain()} " + " ".join(f"{i.name}:{i.stat().st_mtime_ns}" for i in inputs if i.is_file())
        stamp = self.path(kernel, ".stamp")
        if stamp.exists() and stamp.read_text() == state and self.path(kernel).exists():
            return
        stamp.unlink(missing_ok=True)
        self.prepare(kernel, scale)
        stamp.write_text(state)

    def run(self, kernel: Kernel, scale: float) -> Outcome:
        raise NotImplementedError

    def path(self, kernel: Kernel, suffix: str = "") -> Path:
        return OUT / f"{kernel.name}.{self.key}{suffix}"


class Native(Column):
    key, title = "native", "native"

    def missing(self):
        return None if shutil.which("clang++-19") else "no clang-19"

    def prepare(self, kernel, scale):
        execute([*clang_for(kernel.source), kernel.source, "-lm", "-o", self.path(kernel)])

    def run(self, kernel, scale):
        return execute([self.path(kernel), *kernel.arguments(scale)])


class NativePGO(Native):
    key, title = "native-pgo", "native PGO"

    def missing(self):
        return super().missing() or (None if shutil.which("llvm-profdata-19") else "no llvm-profdata-19")

    def prepare(self, kernel, scale):
        build_with_pgo(clang_for(kernel.source), [kernel.source], self.path(kernel), kernel.training(scale))


class Wasmtime(Column):
    key, title = "wasmtime", "wasmtime"

    def missing(self):
        return common.wasmtime_missing()

    def prepare(self, kernel, scale):
        execute([VENV_PYTHON, WASMTIME_PEER, "compile", kernel.module, self.path(kernel)])

    def run(self, kernel, scale):
        report = self.path(kernel, ".seconds")
        command = [VENV_PYTHON, WASMTIME_PEER, "run", "--", self.path(kernel), report]
        outcome = execute([*command, *kernel.arguments(scale)])
        return Outcome(float(report.read_text()), outcome.output)


class V8(Column):
    key, title = "v8", "V8"

    def missing(self):
        return None if shutil.which(common.V8_BROWSER) else f"no {common.V8_BROWSER} (make setup-bench)"

    def prepare(self, kernel, scale):
        self.path(kernel).touch()

    def run(self, kernel, scale):
        report = self.path(kernel, ".seconds")
        training = " ".join(kernel.training(scale))
        outcome = execute(["python3", common.V8_PEER, kernel.module, report, training, "--", *kernel.arguments(scale)])
        return Outcome(float(report.read_text()), outcome.output)


class Wasm2cPGO(Column):
    key, title = "wasm2c-pgo", "wasm2c PGO"

    def missing(self):
        if not shutil.which("wasm2c") or not WASM2C_RUNTIME.exists():
            return "no wasm2c (package wabt)"
        return NativePGO().missing()

    def prepare(self, kernel, scale):
        directory = OUT / f"{kernel.name}.wasm2c"
        directory.mkdir(exist_ok=True)
        # The header's name is the same for all, so that one WASI serves them all.
        execute(["wasm2c", "-n", "kernel", kernel.module, "-o", directory / "kernel.c"])
        compiler = ["clang-19", "-O2", "-w", f"-I{directory}", f"-I{WASM2C_RUNTIME}"]
        inputs = [directory / "kernel.c", PEERS / "wasi.c", WASM2C_RUNTIME / "wasm-rt-impl.c"]
        build_with_pgo(compiler, inputs, self.path(kernel), kernel.training(scale))

    def run(self, kernel, scale):
        return execute([self.path(kernel), *kernel.arguments(scale)])


class Ours(Column):
    ours = True

    def missing(self):
        return None if WASM_PGO.exists() else "wasm-pgo is not built (make static)"


class Baseline(Ours):
    key, title = "baseline", "baseline"

    def run(self, kernel, scale):
        return execute([WASM_PGO, "run", kernel.module, "--", *kernel.arguments(scale)])


class Record(Ours):
    """The instrumented baseline, on the measured run's arguments: what recording costs."""

    key, title = "record", "record"

    def run(self, kernel, scale):
        self.path(kernel).unlink(missing_ok=True)
        return execute([WASM_PGO, "record", kernel.module, "-o", self.path(kernel), "--", *kernel.arguments(scale)])


class WithoutProfile(Ours):
    key, title = "aot", "AOT"

    def prepare(self, kernel, scale):
        execute([WASM_PGO, "compile", kernel.module, "--profile", "off", "-o", self.path(kernel, ".so")])

    def run(self, kernel, scale):
        return execute([WASM_PGO, "run", self.path(kernel, ".so"), "--", *kernel.arguments(scale)])


class WithProfile(WithoutProfile):
    key, title = "aot-pgo", "AOT+prof"

    def prepare(self, kernel, scale):
        profile = self.path(kernel, ".wasmprof")
        profile.unlink(missing_ok=True)
        execute([WASM_PGO, "record", kernel.module, "-o", profile, "--", *kernel.training(scale)])
        execute([WASM_PGO, "compile", kernel.module, "--profile", profile, "-o", self.path(kernel, ".so")])


COLUMNS = [Native(), NativePGO(), Wasmtime(), V8(), Wasm2cPGO(), Baseline(), WithoutProfile(), WithProfile()]


@dataclass
class Results:
    kernels: list
    columns: list
    seconds: dict  # (kernel name, column key) -> list of seconds
    failures: list
    statistic: str

    def time(self, kernel: str, column: str) -> float | None:
        runs = self.seconds.get((kernel, column))
        if not runs:
            return None
        return min(runs) if self.statistic == "best" else statistics.median(runs)

    def ratio(self, kernel: str, column: str, to: str) -> float | None:
        a, b = self.time(kernel, column), self.time(kernel, to)
        return a / b if a is not None and b else None

    def mean(self, column: str, to: str, indirect_only: bool) -> tuple[float | None, int]:
        """Geometric mean of the ratios, and over how many kernels."""
        chosen = [k.name for k in self.kernels if k.indirect or not indirect_only]
        ratios = [r for r in (self.ratio(k, column, to) for k in chosen) if r]
        if not ratios:
            return None, 0
        return math.exp(sum(map(math.log, ratios)) / len(ratios)), len(ratios)


def measure(kernels: list, columns: list, options) -> Results:
    results = Results(kernels, columns, {}, [], options.statistic)

    def failed(kernel, column, failure):
        results.failures.append(f"{kernel.name}, {column.title}: {failure}")
        print(f"failed: {results.failures[-1]}", file=sys.stderr)

    for kernel in kernels:
        ready, expected = [], None
        for column in columns:
            try:
                column.ensure(kernel, options.scale)
                ready.append(column)
            except Failure as failure:
                failed(kernel, column, failure)
        for round_number in range(options.rounds):
            # Each round starts with another column, so that none always runs on a machine that has just idled.
            shift = round_number % len(ready) if ready else 0
            for column in ready[shift:] + ready[:shift]:
                if (kernel.name, column.key) in results.seconds and not results.seconds[kernel.name, column.key]:
                    continue
                try:
                    outcome = column.run(kernel, options.scale)
                    expected = expected or outcome.output
                    if outcome.output != expected:
                        raise Failure(f"printed {outcome.output[:60]!r} and not {expected[:60]!r}")
                    results.seconds.setdefault((kernel.name, column.key), []).append(max(outcome.seconds, 1e-6))
                except Failure as failure:
                    results.seconds[kernel.name, column.key] = []  # a wrong column has no time
                    failed(kernel, column, failure)
        print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    return results


def table(results: Results) -> str:
    shown = [c for c in results.columns if c.key not in ("native", "record")]
    lines = ["kernel       native s" + "".join(f"{c.title:>12}" for c in shown)]

    def row(name, first, cells):
        lines.append(f"{name:<12} {first:>8}" + "".join(f"{'-' if x is None else f'{x:.2f}':>12}" for x in cells))

    for kernel in results.kernels:
        native = results.time(kernel.name, "native")
        first = "-" if native is None else f"{native:.3f}"
        row(kernel.name, first, [results.ratio(kernel.name, c.key, "native") for c in shown])
    for title, indirect_only in (("mean, calls", True), ("mean, all", False)):
        row(title, "", [results.mean(c.key, "native", indirect_only)[0] for c in shown])
    for c in shown:
        _, count = results.mean(c.key, "native", False)
        if count < len(results.kernels):
            lines.append(f"{c.title}: only {count} of {len(results.kernels)} kernels are in its means")
    return "\n".join(lines)


# ---- The gate: the targets, one verdict each ----------------------------------------------------------------


@dataclass
class Verdict:
    passed: bool | None  # None: printed, not judged
    text: str

    def __str__(self):
        return f"{'info' if self.passed is None else 'pass' if self.passed else 'FAIL'}  {self.text}"


def format_ratio(x: float | None) -> str:
    return "not measured" if x is None else f"{x:.2f}"


def each_below(results: Results, what: str, column: str, to: str, limit: float) -> Verdict:
    ratios = {k.name: results.ratio(k.name, column, to) for k in results.kernels}
    absent = [name for name, r in ratios.items() if r is None]
    known = {name: r for name, r in ratios.items() if r is not None}
    if not known:
        return Verdict(False, f"{what}: not measured")
    over = [f"{name} {r:.2f}" for name, r in known.items() if r >= limit]
    worst = max(known, key=known.get)
    text = f"{what}: worst {worst} {known[worst]:.2f}"
    if over:
        text += f"; over: {', '.join(over)}"
    if absent:
        text += f"; not measured: {', '.join(absent)}"
    return Verdict(not over and not absent, text)


def against_peers(results: Results) -> Verdict:
    """Ours against the fastest other engine for WebAssembly, a kernel at a time."""
    ratios = {}
    for kernel in results.kernels:
        known = [r for c in ("wasmtime", "v8", "wasm2c-pgo") if (r := results.ratio(kernel.name, "aot-pgo", c))]
        if known:
            ratios[kernel.name] = max(known)
    what = "AOT with a profile against the fastest of wasmtime, V8 and wasm2c with PGO"
    if not ratios:
        return Verdict(None, f"{what}: not measured")
    worst = max(ratios, key=ratios.get)
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    return Verdict(None, f"{what}: {mean:.2f} in the mean, worst {worst} {ratios[worst]:.2f}")


def gate(results: Results, options) -> list[Verdict]:
    verdicts = []
    speedup, count = results.mean("aot", "aot-pgo", True)
    verdicts.append(Verdict(
        speedup is not None and speedup >= 2 and count == sum(k.indirect for k in results.kernels),
        f"AOT with a profile at least 2.00 times as fast as without, mean over indirect calls: {format_ratio(speedup)}"))
    verdicts.append(each_below(
        results, "no kernel slower with a profile than without by more than 3 %", "aot-pgo", "aot", 1.03))
    verdicts.append(each_below(results, "AOT with a profile faster than wasmtime on every kernel", "aot-pgo", "wasmtime", 1))
    verdicts.append(each_below(results, "record slower than the baseline by less than 1.5", "record", "baseline", 1.5))
    mean, _ = results.mean("aot-pgo", "native", True)
    verdicts.append(Verdict(None, f"AOT with a profile against native, indirect calls (aim: under 0.60): {format_ratio(mean)}"))
    verdicts.append(against_peers(results))
    mean, _ = results.mean("native-pgo", "native", True)
    verdicts.append(Verdict(None, f"native PGO against native, indirect calls: {format_ratio(mean)}"))
    mean, _ = results.mean("baseline", "wasmtime", False)
    verdicts.append(Verdict(None, f"baseline against wasmtime, all kernels: {format_ratio(mean)}"))
    verdicts.append(hello())
    if not options.no_size:
        size = subprocess.run([ROOT / "scripts" / "size.sh"], capture_output=True, text=True)
        said = (size.stdout + size.stderr).strip().splitlines()
        verdicts.append(Verdict(size.returncode == 0, said[-1] if said else "size: said nothing"))
    return verdicts


def hello() -> Verdict:
    """CPU time of a whole `wasm-pgo run` of hello world, the best of twenty."""
    what = "run of hello world under 10 ms of CPU"
    try:
        execute([WASM_PGO, "compile", ROOT / "Samples/hello/hello.wasm", "--profile", "off", "-o", OUT / "hello.so"])
        runs = sorted(execute([WASM_PGO, "run", OUT / "hello.so"]).seconds * 1000 for _ in range(20))
    except (Failure, OSError) as failure:
        return Verdict(False, f"{what}: {failure}")
    return Verdict(statistics.median(runs) < 10, f"{what}: median {statistics.median(runs):.1f} ms, best {runs[0]:.1f} ms")


# ---- Output ----------------------------------------------------------------------------------------------


@functools.cache
def toolchain() -> str:
    return f"{first_line(['clang-19', '--version'])}; {common.wasmtime_version()}; {common.v8_version()}; wabt {first_line(['wasm2c', '--version'])}"


def circumstances(options) -> str:
    return f"{common.machine()}; {options.statistic} of {options.rounds} rounds, scale {options.scale:g}; {toolchain()}"


def parse(arguments: list[str]):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kernel in each column (default 5)")
    parser.add_argument("--kernels", default="", help="only these, separated by commas")
    parser.add_argument("--columns", default="", help="only these: " + ", ".join(c.key for c in COLUMNS))
    parser.add_argument("--scale", type=float, default=1, help="factor on the amount of work (default 1)")
    parser.add_argument("--statistic", choices=("best", "median"), default="best", help="of the rounds (default best)")
    parser.add_argument("--json", metavar="FILE", help="write all times to FILE")
    parser.add_argument("--gate", action="store_true", help="print a verdict for each target; exit code 1 if one is missed")
    parser.add_argument("--no-size", action="store_true", help="with --gate: leave out the executable's size")
    parser.add_argument("--list-training", action="store_true", help="print the arguments that profiles are recorded with")
    parser.add_argument("--write-readme", action="store_true", help="put the table into Benchmarks/README.md")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or not options.scale > 0:
        parser.error("--rounds and --scale must be positive")
    common.check_names(parser, options, {"kernels": [k.name for k in ALL], "columns": [c.key for c in COLUMNS]})
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    if options.list_training:
        for kernel in ALL:
            print(kernel.name, *kernel.training(options.scale))
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    kernels = [k for k in ALL if not options.kernels or k.name in options.kernels.split(",")]
    columns = [c for c in COLUMNS if not options.columns or c.key in options.columns.split(",")]
    if options.gate:
        columns.append(Record())
    present = []
    for column in columns:
        reason = column.missing()
        if reason:
            print(f"skipped: {column.title}: {reason}")
        else:
            present.append(column)
    if not present:
        return 1

    results = measure(kernels, present, options)
    text = circumstances(options) + "\nCPU time as a ratio to native clang -O2; less is faster\n\n" + table(results)
    verdicts = gate(results, options) if options.gate else []
    if verdicts:
        text += "\n\n" + "\n".join(map(str, verdicts))
    print(text)
    if options.json:
        times = {k.name: {c.key: results.seconds.get((k.name, c.key), []) for c in present} for k in kernels}
        report = {"circumstances": circumstances(options), "seconds": times, "failures": results.failures,
                  "verdicts": [{"passed": v.passed, "text": v.text} for v in verdicts]}
        Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    if options.write_readme:
        common.put_figures(ROOT / "Benchmarks" / "README.md", text, "run.py --write-readme")
    return 1 if results.failures or any(v.passed is False for v in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
