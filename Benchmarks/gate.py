"""The targets, one verdict each."""

import math
import statistics
import subprocess
from dataclasses import dataclass

from columns import OUT
from common import ROOT, WASM_PGO, Failure, execute
from results import Results
from suites import SIMD, Suite


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


def mean_below(results: Results, what: str, to: str, limit: float) -> Verdict:
    """Of AOT with a profile, over all kernels."""
    mean, count = results.mean("aot-pgo", to, False)
    is_met = mean is not None and mean <= limit and count == len(results.kernels)
    return Verdict(is_met, f"AOT with a profile against {what}, mean of all at most {limit:.2f}: {format_ratio(mean)}")


def gate(results: Results, suite: Suite, options) -> list[Verdict]:
    return simd_gate(results, suite) if suite is SIMD else scalar_gate(results, options)


def simd_gate(results: Results, suite: Suite) -> list[Verdict]:
    speedup = results.ratio("filters", "aot", "aot-pgo")
    return [
        mean_below(results, "wasmtime", "wasmtime", 0.75),
        mean_below(results, "V8", "v8", 0.85),
        mean_below(results, f"native {suite.native}", "native", 1.15),
        each_below(results, "no kernel behind wasmtime by more than 3 %", "aot-pgo", "wasmtime", 1.03),
        each_below(results, "no kernel behind V8 by more than 3 %", "aot-pgo", "v8", 1.03),
        Verdict(speedup is not None and speedup >= 2,
                f"filters at least 2.00 times as fast with a profile as without: {format_ratio(speedup)}"),
    ]


def scalar_gate(results: Results, options) -> list[Verdict]:
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
