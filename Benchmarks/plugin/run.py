"""A plugin in a host program of C, recorded by the environment alone: AOT with a profile against AOT without one.

    make lib static && python3 Benchmarks/plugin/run.py [--rounds N] [--callgrind] [--gate]

The host (host.c) is linked with out/lib/libwasmpgo.so. It is started once with WASM_PGO_PROFILE, on a tenth of the measured work; the profile is
compiled; the same host loads the artefact, one without a profile, and the module. Rounds are interleaved; the figure is the CPU time of the plugin's
call, best of the rounds. --callgrind counts instructions of the whole process too, on a fiftieth of the work. --gate: exit code 1 if the artefact with the
profile is not 1.3 times as fast as the one without."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import ROOT, WASM_PGO  # noqa: E402

HERE = Path(__file__).resolve().parent
BATCHES = 40000
TARGET = 1.3


def run(command: list, folder: str, **variables: str) -> subprocess.CompletedProcess:
    outcome = subprocess.run(
        [str(part) for part in command], cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True
    )
    if outcome.returncode != 0:
        sys.exit(f"plugin: {' '.join(map(str, command))}: exit code {outcome.returncode}: {outcome.stderr.strip()}")
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callgrind", action="store_true")
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--library", type=Path, default=ROOT / "out", help="with lib and include (default: that of make lib)")
    parser.add_argument("--wasm-pgo", type=Path, default=WASM_PGO, help="default: that of make static")
    options = parser.parse_args()
    wasm_pgo, include, library = options.wasm_pgo.resolve(), options.library.resolve() / "include", options.library.resolve() / "lib"
    for needed in (library / "libwasmpgo.so", wasm_pgo):
        if not needed.exists():
            sys.exit(f"plugin: {needed} is missing: make lib static")

    with tempfile.TemporaryDirectory() as folder:
        module = HERE / "plugin.wasm"
        run(["gcc", "-O2", HERE / "host.c", f"-I{include}", f"-L{library}", f"-Wl,-rpath,{library}", "-lwasmpgo", "-o", "host"],
            folder)
        # What the host does not know of.
        run(["./host", module, BATCHES // 10], folder, WASM_PGO_PROFILE="plugin.wasmprof")
        # No newer instructions than valgrind knows.
        for profile, name in ("plugin.wasmprof", "profile.so"), ("off", "none.so"):
            run([wasm_pgo, "compile", module, "--cpu", "x86-64-v3", "--profile", profile, "-o", name], folder)

        columns = {"baseline": module, "AOT": "none.so", "AOT+prof": "profile.so"}
        best: dict[str, float] = {}
        checksums = set()
        for number in range(options.rounds):
            names = list(columns)
            for name in names[number % 3:] + names[:number % 3]:
                checksum, seconds = run(["./host", columns[name], BATCHES], folder).stdout.split()
                checksums.add(checksum)
                best[name] = min(best.get(name, float(seconds)), float(seconds))
        if len(checksums) != 1:
            sys.exit(f"plugin: different results: {sorted(checksums)}")
        for name, seconds in best.items():
            print(f"{name:<10}{seconds:8.3f} s  {seconds / best['AOT']:5.2f} of AOT")
        ratio = best["AOT"] / best["AOT+prof"]
        print(f"AOT with a profile is {ratio:.2f} times as fast as without")

        if options.callgrind:
            counts = {}
            for name, program in columns.items():
                errors = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "./host", program, BATCHES // 50],
                             folder).stderr
                counts[name] = int(re.search(r"Collected : (\d+)", errors).group(1))
            for name, count in counts.items():
                print(f"{name:<10}{count:14,} instructions  {count / counts['AOT']:5.2f} of AOT")
        if options.gate and ratio < TARGET:
            print(f"FAIL  aim: {TARGET}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
