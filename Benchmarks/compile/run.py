#!/usr/bin/env python3
"""Measures what compiling costs: CPU time, memory, artefact size, and loading the artefact, against wasmtime's Cranelift and WAMR's
wamrc. Method: Benchmarks/compile/README.md."""

import argparse
import json
import math
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common
import corpus
from common import VENV_PYTHON, WASMTIME_PEER, Failure, Outcome, execute, note, number, statistics, table
from corpus import Program

HERE = Path(__file__).resolve().parent
ALL = [program for program in corpus.ALL if program.whole]
OUT = common.ROOT / "out" / "compile"
LOADS = 10  # runs of which the best counts: each takes milliseconds


@dataclass
class Cost:
    """Of one module in one column."""

    seconds: float  # CPU time of compiling, user and system, all processes
    peak: int  # bytes; of the largest process
    size: int  # bytes of the artefact
    load: float | None = None  # CPU seconds of loading the artefact, instantiating and an empty run
    functions: int | None = None


class Column:
    key = ""
    title = ""
    suffix = ".so"

    def __init__(self, options):
        self.options = options

    def missing(self) -> str | None:
        """Why it cannot be measured, or None."""
        return None

    def path(self, program: Program, suffix: str = "") -> Path:
        return OUT / f"{program.name}.{self.key}{suffix or self.suffix}"

    def compile(self, program: Program) -> Outcome:
        raise NotImplementedError

    def load(self, program: Program, scratch: Path) -> float | None:
        """CPU seconds of an empty run."""
        return None

    def measure(self, program: Program) -> Cost:
        outcomes = [self.compile(program) for _ in range(self.options.rounds)]
        functions = statistics(outcomes[0]).get("functions")
        cost = Cost(min(o.seconds for o in outcomes), max(o.peak for o in outcomes), self.path(program).stat().st_size,
                    functions=None if functions is None else int(functions))
        with tempfile.TemporaryDirectory() as scratch:
            loads = [self.load(program, Path(scratch)) for _ in range(LOADS)]
        cost.load = None if None in loads else min(loads)
        return cost


class Wasmtime(Column):
    key, title, suffix = "wasmtime", "wasmtime", ".cwasm"

    def missing(self):
        return common.wasmtime_missing()

    def compile(self, program):
        report = self.path(program, ".seconds")
        outcome = execute([VENV_PYTHON, WASMTIME_PEER, "compile", program.module, self.path(program), report], timeout=self.options.timeout)
        outcome.seconds = float(report.read_text())
        return outcome

    def load(self, program, scratch):
        report = self.path(program, ".seconds")
        execute([VENV_PYTHON, WASMTIME_PEER, "run", *program.directory_options(scratch), "--with-load", "--", self.path(program), report,
                 *program.empty.split()])
        return float(report.read_text())


class Wamrc(Column):
    key, title, suffix = "wamrc", "wamrc", ".aot"

    def missing(self):
        return None if shutil.which("wamrc") else "no wamrc on the PATH"

    def compile(self, program):
        return execute(["wamrc", "-o", self.path(program), program.module], timeout=self.options.timeout)


class Ours(Column):
    level = "3"

    def compile(self, program):
        return execute([self.options.wasm_pgo, "compile", "-j", "1", "--stats", "-O", self.level, *self.profile(program), program.module,
                        "-o", self.path(program)], timeout=self.options.timeout)

    def profile(self, program: Program) -> list:
        """The option that names the profile."""
        return ["--profile", "off"]

    def load(self, program, scratch):
        return execute([self.options.wasm_pgo, "run", *program.directory_options(scratch), self.path(program), "--",
                        *program.empty.split()]).seconds


class Unoptimized(Ours):
    key, title, level = "o0", "-O 0", "0"


class WithoutProfile(Ours):
    key, title = "aot", "no profile"


class WithProfile(Ours):
    key, title = "aot-pgo", "profile"

    def arguments(self, program: Program) -> str:
        """Of the training run."""
        return program.training

    def profile(self, program):
        profile = self.path(program, ".wasmprof")
        if not profile.exists():
            with tempfile.TemporaryDirectory() as scratch:
                execute([self.options.wasm_pgo, "record", *program.directory_options(Path(scratch)), program.module, "-o", profile, "--",
                         *self.arguments(program).split()], timeout=self.options.timeout)
        return ["--profile", profile]


class ShortProfile(WithProfile):
    """The profile of a run that does next to nothing."""

    key, title = "aot-short", "short profile"

    def arguments(self, program):
        return program.empty


COLUMNS = [Wasmtime, Wamrc, Unoptimized, WithoutProfile, WithProfile, ShortProfile]


class Results:
    def __init__(self, programs: list, columns: list):
        self.programs = programs
        self.columns = columns
        self.costs: dict[tuple[str, str], Cost] = {}
        self.failures: list[str] = []

    def cost(self, program: str, column: str) -> Cost | None:
        return self.costs.get((program, column))

    def value(self, program: str, column: str, field: str) -> float | None:
        cost = self.cost(program, column)
        return getattr(cost, field) if cost else None

    def ratios(self, column: str, field: str) -> dict[str, float]:
        """To wasmtime's, of the modules that both have."""
        pairs = {p.name: (self.value(p.name, column, field), self.value(p.name, "wasmtime", field)) for p in self.programs}
        return {name: ours / theirs for name, (ours, theirs) in pairs.items() if ours and theirs}


def measure(programs: list, columns: list) -> Results:
    results = Results(programs, columns)
    for program in programs:
        for column in columns:
            try:
                results.costs[program.name, column.key] = cost = column.measure(program)
                note(f"{program.name}, {column.title}: {cost.seconds:.2f} s, {cost.peak / 2**20:.0f} MiB, {cost.size / 1024:.0f} KiB")
            except Failure as failure:
                results.failures.append(f"{program.name}, {column.title}: {failure}")
                note(f"failed: {results.failures[-1]}")
    return results


# ---- Output ----------------------------------------------------------------------------------------------


def mean(values) -> float | None:
    """The geometric mean."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def field_table(results: Results, title: str, field: str, scale: float, digits: int) -> list[str]:
    """A line a module: each column's value, then its ratio to wasmtime's."""
    compared = [c for c in results.columns if c.key != "wasmtime" and results.ratios(c.key, field)]
    rows = []
    for program in results.programs:
        values = [results.value(program.name, c.key, field) for c in results.columns]
        rows.append([program.name, *(number(v if v is None else v / scale, digits) for v in values),
                     *(number(results.ratios(c.key, field).get(program.name)) for c in compared)])
    for name, pick in [("geometric mean", mean), ("worst", lambda ratios: max(ratios, default=None))]:
        rows.append([name, *("" for _ in results.columns), *(number(pick(results.ratios(c.key, field).values())) for c in compared)])
    return [title, *table(["module", *(c.title for c in results.columns), *(f"{c.title} /" for c in compared)], rows), ""]


def module_table(results: Results) -> list[str]:
    rows = []
    for program in results.programs:
        functions = next((c.functions for c in (results.cost(program.name, k.key) for k in results.columns) if c and c.functions), None)
        rows.append([program.name, number(functions, 0), f"{program.module.stat().st_size / 1024:.0f}"])
    return ["Modules", *table(["module", "functions", "KiB"], rows), ""]


def report(results: Results) -> str:
    lines = module_table(results)
    lines += field_table(results, "Compiling: CPU seconds; NAME /: how many times wasmtime's", "seconds", 1, 2)
    lines += field_table(results, "Peak memory of compiling, MiB", "peak", 2**20, 0)
    lines += field_table(results, "Artefact, KiB", "size", 1024, 0)
    lines += field_table(results, f"Load, instantiate and an empty run, CPU milliseconds, best of {LOADS}", "load", 1e-3, 1)
    return "\n".join([*lines, *(f"failed: {failure}" for failure in results.failures)]).rstrip()


def parse(arguments: list[str]):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="compilations of which the cheapest counts (default 1)")
    parser.add_argument("--programs", default="", help="only these, separated by commas: " + ", ".join(p.name for p in ALL))
    parser.add_argument("--columns", default="", help="only these: " + ", ".join(c.key for c in COLUMNS))
    parser.add_argument("--wasm-pgo", default=common.WASM_PGO, help="the executable that is measured (default %(default)s)")
    parser.add_argument("--timeout", type=float, default=1200, help="seconds that a compilation may take (default 1200)")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--write-readme", action="store_true", help="put the tables into Benchmarks/compile/README.md")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be positive")
    common.check_names(parser, options, {"programs": [p.name for p in ALL], "columns": [c.key for c in COLUMNS]})
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    if not Path(options.wasm_pgo).exists():
        print(f"{options.wasm_pgo} is not built (make static)", file=sys.stderr)
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    columns = []
    for column in (c(options) for c in COLUMNS if not options.columns or c.key in options.columns.split(",")):
        if reason := column.missing():
            note(f"skipped: {column.title}: {reason}")
        else:
            columns.append(column)
    programs = [p for p in ALL if not options.programs or p.name in options.programs.split(",")]
    for program in programs:
        program.install()
    results = measure(programs, columns)
    rounds = "one round" if options.rounds == 1 else f"best of {options.rounds} rounds"
    circumstances = f"{common.machine()}; {rounds}; {common.wasmtime_version()}"
    text = "\n".join([circumstances, *(p.version for p in programs), "", report(results)])
    print(text)
    if options.json:
        figures = {p.name: {c.key: asdict(cost) for c in columns if (cost := results.cost(p.name, c.key))} for p in programs}
        Path(options.json).write_text(json.dumps({"circumstances": circumstances, "modules": figures, "failures": results.failures}, indent=1) + "\n")
    if options.write_readme:
        common.put_figures(HERE / "README.md", text, "run.py --write-readme")
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
