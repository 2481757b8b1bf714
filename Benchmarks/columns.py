"""The ways to run a kernel: native, the peers, and ours."""

import functools
import shutil
from pathlib import Path

import common
import suites
from common import ROOT, VENV_PYTHON, WASM_PGO, WASMTIME_PEER, Outcome, execute, first_line
from suites import Kernel

PEERS = ROOT / "Benchmarks" / "peers"
OUT = ROOT / "out" / "bench"
WASM2C_RUNTIME = Path("/usr/share/wabt/wasm2c")


@functools.cache
def toolchain() -> str:
    return f"{first_line(['clang-19', '--version'])}; {common.wasmtime_version()}; {common.v8_version()}; wabt {first_line(['wasm2c', '--version'])}"


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
        modules = [Path(file) for file in (__file__, common.__file__, suites.__file__)]
        inputs = [kernel.source, kernel.module, *kernel.headers, *modules, *sorted(PEERS.iterdir())]
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
        execute([*kernel.compiler, kernel.source, "-lm", "-o", self.path(kernel)])

    def run(self, kernel, scale):
        return execute([self.path(kernel), *kernel.arguments(scale)])


class NativePGO(Native):
    key, title = "native-pgo", "native PGO"

    def missing(self):
        return super().missing() or (None if shutil.which("llvm-profdata-19") else "no llvm-profdata-19")

    def prepare(self, kernel, scale):
        build_with_pgo(kernel.compiler, [kernel.source], self.path(kernel), kernel.training(scale))


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
        execute([WASM_PGO, "compile", kernel.module, "--profile", "off", "--cpu", kernel.cpu, "-o", self.path(kernel, ".so")])

    def run(self, kernel, scale):
        return execute([WASM_PGO, "run", self.path(kernel, ".so"), "--", *kernel.arguments(scale)])


class WithProfile(WithoutProfile):
    key, title = "aot-pgo", "AOT+prof"

    def prepare(self, kernel, scale):
        profile = self.path(kernel, ".wasmprof")
        profile.unlink(missing_ok=True)
        execute([WASM_PGO, "record", kernel.module, "-o", profile, "--", *kernel.training(scale)])
        execute([WASM_PGO, "compile", kernel.module, "--profile", profile, "--cpu", kernel.cpu, "-o", self.path(kernel, ".so")])


COLUMNS = [Native(), NativePGO(), Wasmtime(), V8(), Wasm2cPGO(), Baseline(), WithoutProfile(), WithProfile()]
