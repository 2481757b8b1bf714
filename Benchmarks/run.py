#!/usr/bin/env python3
"""Runs the kernels side by side and prints ratios against native code. Method: Benchmarks/README.md."""

import argparse
import json
import sys
from pathlib import Path

import common
from columns import COLUMNS, OUT, Record, toolchain
from common import ROOT
from gate import gate
from results import measure, table
from suites import SCALAR, SUITES


def circumstances(options) -> str:
    return f"{common.machine()}; {options.statistic} of {options.rounds} rounds, scale {options.scale:g}; {toolchain()}"


def parse(arguments: list[str]):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kernel in each column (default 5)")
    parser.add_argument("--suite", choices=SUITES, default=SCALAR.name, help=f"of kernels (default {SCALAR.name})")
    parser.add_argument("--kernels", default="", help="only these of the suite, separated by commas")
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
    common.check_names(parser, options, {"kernels": [k.name for k in SUITES[options.suite].kernels], "columns": [c.key for c in COLUMNS]})
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    suite = SUITES[options.suite]
    if options.list_training:
        for kernel in suite.kernels:
            print(kernel.name, *kernel.training(options.scale))
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    kernels = [k for k in suite.kernels if not options.kernels or k.name in options.kernels.split(",")]
    able = [c for c in COLUMNS if c.key not in suite.lacking]
    columns = [c for c in able if not options.columns or c.key in options.columns.split(",")]
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
    text = circumstances(options) + f"\nCPU time as a ratio to native {suite.native}; less is faster\n\n" + table(results)
    verdicts = gate(results, suite, options) if options.gate else []
    if verdicts:
        text += "\n\n" + "\n".join(map(str, verdicts))
    print(text)
    if options.json:
        times = {k.name: {c.key: results.seconds.get((k.name, c.key), []) for c in present} for k in kernels}
        report = {"circumstances": circumstances(options), "seconds": times, "failures": results.failures,
                  "verdicts": [{"passed": v.passed, "text": v.text} for v in verdicts]}
        Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    if options.write_readme:
        common.put_figures(ROOT / "Benchmarks" / "README.md", text, suite.writer)
    return 1 if results.failures or any(v.passed is False for v in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
