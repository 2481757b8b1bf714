"""Measuring kernels in rounds, and the table of it."""

import math
import statistics
import sys
from dataclasses import dataclass

from common import Failure


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
            if column.key in kernel.lacking:
                continue
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
