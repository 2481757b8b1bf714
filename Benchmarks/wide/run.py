#!/usr/bin/env python3
"""Measures eight kernels built for memories of 64 bits against the same source built for 32: run.py FOLDER [ROUNDS]

FOLDER is what build.sh made. Each kernel is compiled with a profile of its own. Times are of processor time, the least of several
runs that alternate, without start and loading: what a run with a count of 0 takes is subtracted.
"""
import math
import resource
import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / ".build/release/wasm-pgo"
# Counts for the profile and for the measurement.
KERNELS = {
    "hashtable": (20, 450), "interp": (1, 2), "matmul": (5, 150), "sha256": (40, 800),
    "sort": (1, 18), "richards": (200, 4500), "deltablue": (5, 90), "rays": (2, 50),
}


def run(*arguments) -> tuple:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime, done.stdout


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ratios = []
    print("| kernel | 32 bits, s | 64 bits, s | ratio |\n|---|---:|---:|---:|")
    for kernel, (training, count) in KERNELS.items():
        artefacts = {}
        for width in (32, 64):
            module = folder / f"{kernel}{width}.wasm"
            profile, artefact = module.with_suffix(".wasmprof"), module.with_suffix(".so")
            run("record", "-o", profile, "--invoke", "kernel", module, "--", training)
            run("compile", "--profile", profile, "-o", artefact, module)
            artefacts[width] = artefact
        times, empty, sums = {32: [], 64: []}, {32: [], 64: []}, set()
        for _ in range(rounds):
            for width, artefact in artefacts.items():
                seconds, output = run("run", "--invoke", "kernel", artefact, "--", count)
                times[width].append(seconds)
                sums.add(output)
                empty[width].append(run("run", "--invoke", "kernel", artefact, "--", 0)[0])
        assert len(sums) == 1, f"{kernel}: {sums}"
        narrow, wide = (min(times[width]) - min(empty[width]) for width in (32, 64))
        ratios.append(wide / narrow)
        print(f"| {kernel} | {narrow:.3f} | {wide:.3f} | {wide / narrow:.2f} |", flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"| geometric mean | | | {mean:.2f} |")


if __name__ == "__main__":
    main()
