#!/usr/bin/env python3
"""Runs programs that nobody here wrote on every tier, and compares output and time with wasmtime's.
Method: Benchmarks/programs/README.md."""

import argparse
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common
import corpus
from common import VENV_PYTHON, WASM_PGO, WASMTIME_PEER, Failure, Outcome, execute, note, number, statistics, table
from corpus import OUT, Program

HERE = Path(__file__).resolve().parent
ALL = [program for program in corpus.ALL if program.measured]
TIMEOUT = 400  # seconds a single run or compilation may take


class Column:
    """`once`: its time tells nothing that needs several rounds."""

    key = ""
    title = ""
    once = False

    def path(self, program: Program, suffix: str) -> Path:
        return OUT / "runs" / f"{program.name}.{self.key}{suffix}"

    def scratch(self, program: Program) -> Path:
        """An empty directory that becomes the guest's /out."""
        directory = self.path(program, ".out")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def prepare(self, program: Program) -> Outcome | None:
        """Compiles; returns what that took."""
        return None

    def start(self, program: Program, arguments: str, scratch: Path) -> Outcome:
        raise NotImplementedError

    def run(self, program: Program, arguments: str) -> Outcome:
        """The output is that of all compared files too."""
        scratch = self.scratch(program)
        outcome = self.start(program, arguments, scratch)
        for name in program.files:
            if (scratch / name).exists():
                outcome.output += b"\n" + name.encode() + b"\n" + (scratch / name).read_bytes()
        return outcome


class Wasmtime(Column):
    key, title = "wasmtime", "wasmtime"

    def prepare(self, program):
        return execute([VENV_PYTHON, WASMTIME_PEER, "compile", program.module, self.path(program, ".cwasm")], timeout=TIMEOUT)

    def start(self, program, arguments, scratch):
        report = self.path(program, ".seconds")
        outcome = execute([VENV_PYTHON, WASMTIME_PEER, "run", *program.directory_options(scratch), "--", self.path(program, ".cwasm"),
                           report, *arguments.split()], timeout=TIMEOUT)
        outcome.seconds = float(report.read_text())
        return outcome


class Ours(Column):
    verb = ("run",)

    def subject(self, program: Program) -> Path:
        return program.module

    def start(self, program, arguments, scratch):
        return execute([WASM_PGO, *self.verb, *program.directory_options(scratch), self.subject(program), *self.more(program), "--",
                        *arguments.split()], timeout=TIMEOUT)

    def more(self, program: Program) -> list:
        return []


class Baseline(Ours):
    key, title = "baseline", "baseline"


class Record(Ours):
    key, title, verb, once = "record", "recorded", ("record",), True

    def more(self, program):
        self.path(program, ".wasmprof").unlink(missing_ok=True)
        return ["-o", self.path(program, ".wasmprof")]


def recorded(program: Program, arguments: str, name: str) -> Path:
    """The profile of a run."""
    column, profile = Record(), OUT / "runs" / f"{program.name}.{name}.wasmprof"
    column.run(program, arguments)
    column.path(program, ".wasmprof").replace(profile)
    return profile


class WithoutProfile(Ours):
    key, title = "aot", "AOT"

    def subject(self, program):
        return self.path(program, ".so")

    def profile(self, program: Program) -> Path | str:
        return "off"

    def compile(self, program: Program, profile: Path | str, output: Path, *more) -> Outcome:
        return execute([WASM_PGO, "compile", program.module, "--profile", profile, "--stats", "-o", output, *more],
                       timeout=TIMEOUT)

    def prepare(self, program):
        return self.compile(program, self.profile(program), self.subject(program))


class WithProfile(WithoutProfile):
    key, title = "aot-pgo", "AOT+prof"

    def profile(self, program):
        return recorded(program, program.training, "training")

    def prepare(self, program):
        """Into an empty cache: `again` finds there what did not change."""
        shutil.rmtree(self.cache(program), ignore_errors=True)
        return self.compile(program, self.profile(program), self.subject(program), "--cache", self.cache(program))

    def cache(self, program: Program) -> Path:
        return self.path(program, ".cache")

    def again(self, program: Program) -> Outcome:
        """Compiles with the profile of another run of the same kind."""
        profile = recorded(program, program.more, "more")
        return self.compile(program, profile, self.path(program, ".again.so"), "--cache", self.cache(program))

    def verify(self, program: Program) -> Outcome:
        """Makes each guard fail that the run reaches."""
        directories = program.directory_options(self.scratch(program))
        return execute([WASM_PGO, "verify", "--runs", "40", "--random-runs", "4", *directories, self.subject(program), "--",
                        *(program.verified or program.training).split()], timeout=TIMEOUT)


class OtherProfile(WithoutProfile):
    key, title = "aot-other", "other prof"

    def profile(self, program):
        return recorded(program, program.other, "other")


class ForcedDeopts(WithProfile):
    """Runs the artefact of AOT+prof; each guard fails the first time it is reached."""

    title, once = "forced deopts", True

    def __init__(self):
        self.artefact = WithProfile()
        self.key = "deopts"

    def subject(self, program):
        return self.artefact.subject(program)

    def prepare(self, program):
        if not self.subject(program).exists():
            self.artefact.prepare(program)

    def more(self, program):
        return ["--deopt-once"]


COLUMNS = [Wasmtime(), Baseline(), Record(), WithoutProfile(), WithProfile(), OtherProfile(), ForcedDeopts()]


@dataclass
class Result:
    """Of one measured run of a program."""

    name: str
    seconds: dict = field(default_factory=dict)  # column key -> list of seconds
    peak: dict = field(default_factory=dict)  # column key -> bytes

    def best(self, key: str) -> float | None:
        return min(self.seconds[key]) if self.seconds.get(key) else None


@dataclass
class Report:
    """What was measured of one program."""

    program: Program
    compiled: dict = field(default_factory=dict)  # column key -> Outcome of compiling
    again: Outcome | None = None  # of compiling with another profile
    verified: str = ""  # what verify said
    results: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def failed(self, name: str, column: Column, failure: Failure) -> None:
        self.failures.append(f"{name}, {column.title}: {failure}")
        print(f"failed: {self.failures[-1]}", file=sys.stderr)


def measure(program: Program, columns: list, rounds: int) -> Report:
    report = Report(program)
    columns = [column for column in columns if program.whole or type(column) is not WithoutProfile]
    ready = []
    for column in columns:
        try:
            report.compiled[column.key] = made = column.prepare(program)
            note(f"{program.name}, {column.title}: {f'compiled in {made.seconds:.1f} s' if made else 'ready'}")
            ready.append(column)
        except Failure as failure:
            report.failed(program.name, column, failure)
    examine(report, [column for column in ready if type(column) is WithProfile])
    for name, arguments in program.measured.items():
        result = Result(name)
        report.results.append(result)
        measure_run(report, result, arguments, ready, rounds)
    return report


def examine(report: Report, columns: list) -> None:
    """What is done with the artefact of AOT+prof besides running it."""
    for column in columns:
        try:
            report.again = column.again(report.program)
            note(f"{report.program.name}: compiled again in {report.again.seconds:.1f} s")
            report.verified = column.verify(report.program).output.decode()
            note(f"{report.program.name}: verified")
        except Failure as failure:
            report.failed(report.program.name, column, failure)


def measure_run(report: Report, result: Result, arguments: str, columns: list, rounds: int) -> None:
    expected = None
    for number in range(rounds):
        # Each round starts with another column; the first with wasmtime, whose output is the expected one.
        shift = number % len(columns) if columns else 0
        for column in columns[shift:] + columns[:shift]:
            if number and (column.once or not result.seconds.get(column.key)):
                continue
            try:
                outcome = column.run(report.program, arguments)
                if expected is None:
                    expected = outcome.output
                if outcome.output != expected:
                    raise Failure(f"another output than {columns[0].title}'s ({len(outcome.output)} bytes, {len(expected)} expected)")
                note(f"{result.name}, {column.title}: {outcome.seconds:.2f} s")
                result.seconds.setdefault(column.key, []).append(outcome.seconds)
                result.peak[column.key] = max(result.peak.get(column.key, 0), outcome.peak)
            except Failure as failure:
                result.seconds[column.key] = []
                report.failed(result.name, column, failure)


# ---- Output ----------------------------------------------------------------------------------------------


def format_reports(reports: list, columns: list) -> str:
    results = [result for report in reports for result in report.results]
    lines = ["CPU seconds of the measured run, the best of its rounds"]
    lines += table(["program", *(c.title for c in columns)],
                   [[r.name, *(number(r.best(c.key)) for c in columns)] for r in results])
    lines += ["", "How many times as fast as wasmtime (more is faster)"]

    def speed(result, key):
        ours, theirs = result.best(key), result.best("wasmtime")
        return number(theirs / ours if ours and theirs else None)

    lines += table(["program", *(c.title for c in columns[1:])],
                   [[r.name, *(speed(r, c.key) for c in columns[1:])] for r in results])
    lines += ["", "Compiling: CPU seconds, peak memory in MiB of the largest process, artefact in KiB"]
    lines += compile_table(reports)
    if any(r.again for r in reports):
        lines += ["", "Compiling AOT+prof again with --cache, with the profile of another run of the same kind: CPU seconds"]
        lines += cache_table(reports)
    if any(r.verified for r in reports):
        lines += ["", "wasm-pgo verify on AOT+prof with the training run, 40 runs: outputs and final states are the baseline's"]
        lines += verify_table(reports)
    lines += ["", "Peak memory of the run, MiB"]
    lines += table(["program", *(c.title for c in columns)],
                   [[r.name, *(number(r.peak[c.key] / 2**20, 0) if c.key in r.peak else "-" for c in columns)] for r in results])
    failures = [failure for report in reports for failure in report.failures]
    return "\n".join([*lines, "", *(failures or ["All outputs are the same, byte for byte, in every column."])])


def compile_table(reports: list) -> list[str]:
    rows = []
    for r in reports:
        stats = [statistics(r.compiled[key]) if r.compiled.get(key) else {} for key in ("aot", "aot-pgo")]
        known = stats[0] or stats[1]
        rows.append([
            r.program.name, f"{known.get('functions', 0):.0f}", f"{known.get('module bytes', 0) / 1024:.0f}",
            f"{stats[1].get('hot functions', 0):.0f}", f"{stats[1].get('speculative', 0):.0f}",
            *(number(r.compiled[key].seconds, 1) if r.compiled.get(key) else "-" for key in ("wasmtime", "aot", "aot-pgo")),
            *(f"{s.get('peak memory MiB', 0):.0f}" for s in stats), *(f"{s.get('artefact bytes', 0) / 1024:.0f}" for s in stats)])
    return table(["program", "functions", "wasm KiB", "hot", "speculative", "wasmtime s", "AOT s", "AOT+prof s", "AOT MiB",
                  "AOT+prof MiB", "AOT KiB", "AOT+prof KiB"], rows)


def cache_table(reports: list) -> list[str]:
    rows = []
    for r in reports:
        first, again = r.compiled.get("aot-pgo"), r.again
        if first and again:
            found = re.search(r"from the cache +(\d+) of (\d+)", again.said)
            rows.append([r.program.name, number(first.seconds, 1), number(again.seconds, 1), number(first.seconds / again.seconds, 1),
                         *(found.groups() if found else "--")])
    return table(["program", "first", "again", "times faster", "parts found", "of"], rows)


def verify_table(reports: list) -> list[str]:
    rows = []
    for r in reports:
        points = re.search(r"(\d+) forced, (\d+) reached, (\d+) emitted", r.verified)
        deopts = re.search(r"(\d+) deopts in all", r.verified)
        if points and deopts:
            rows.append([r.program.name, *points.groups(), deopts.group(1)])
    return table(["program", "deopt points forced", "reached", "emitted", "deopts"], rows)


def parse(arguments: list[str]):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program in each column (default 3)")
    parser.add_argument("--programs", default="", help="only these, separated by commas: " + ", ".join(p.name for p in ALL))
    parser.add_argument("--columns", default="", help="only these: " + ", ".join(c.key for c in COLUMNS))
    parser.add_argument("--write-readme", action="store_true", help="put the tables into Benchmarks/programs/README.md")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be positive")
    common.check_names(parser, options, {"programs": [p.name for p in ALL], "columns": [c.key for c in COLUMNS]})
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    programs = [p for p in ALL if not options.programs or p.name in options.programs.split(",")]
    columns = [c for c in COLUMNS if not options.columns or c.key in options.columns.split(",")]
    for reason in filter(None, [common.wasmtime_missing(), None if WASM_PGO.exists() else "wasm-pgo is not built (make static)"]):
        print(reason, file=sys.stderr)
        return 1
    (OUT / "runs").mkdir(parents=True, exist_ok=True)
    reports = []
    for program in programs:
        try:
            program.install()
        except Failure as failure:
            print(f"failed: {program.name} cannot be built: {failure}", file=sys.stderr)
            return 1
        reports.append(measure(program, columns, options.rounds))
    text = "\n".join([
        f"{common.machine()}; best of {options.rounds} rounds; {common.wasmtime_version()}",
        *dict.fromkeys(p.version for p in programs), "", format_reports(reports, columns)])
    print(text)
    if options.write_readme:
        common.put_figures(HERE / "README.md", text, "run.py --write-readme")
    return 1 if any(r.failures for r in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
