"""The kernels in suites, and what each suite is built for. Method: Benchmarks/README.md."""

from dataclasses import dataclass
from pathlib import Path

from common import ROOT

KERNELS = ROOT / "Benchmarks" / "kernels"


@dataclass(frozen=True)
class Kernel:
    """`count`: the first argument. `rest`: further arguments of the measured run. `recorded`: those of the run that is recorded, if they
    differ. `folder`, `native` and `cpu` are the suite's. `lacking`: as a suite's."""

    name: str
    count: int
    indirect: bool = True
    rest: tuple = ()
    recorded: tuple | None = None
    folder: Path = KERNELS
    native: tuple = ()
    cpu: str = "native"
    lacking: tuple = ()

    def arguments(self, scale: float) -> list[str]:
        return [str(max(1, round(self.count * scale))), *self.rest]

    # Profiles are taken with a tenth of the work: what is measured is not what was recorded.
    def training(self, scale: float) -> list[str]:
        rest = self.rest if self.recorded is None else self.recorded
        return [str(max(1, round(self.count * scale / 10))), *rest]

    @property
    def source(self) -> Path:
        c = self.folder / f"{self.name}.c"
        return c if c.exists() else self.folder / f"{self.name}.cpp"

    @property
    def module(self) -> Path:
        return self.folder / f"{self.name}.wasm"

    @property
    def headers(self) -> list[Path]:
        return sorted({*KERNELS.glob("*.h"), *self.folder.glob("*.h")})

    @property
    def compiler(self) -> list:
        """The native one."""
        # The wasm is built without exceptions and RTTI, so the native code is too.
        if self.source.suffix == ".cpp":
            return ["clang++-19", "-O2", "-std=c++17", "-fno-exceptions", "-fno-rtti", *self.native]
        return ["clang-19", "-O2", "-std=c11", *self.native]


@dataclass(frozen=True)
class Suite:
    """`native`: what the ratios refer to. `lacking`: keys of the columns that cannot run it. `writer`: what writes its figures into the
    README."""

    name: str
    kernels: list
    writer: str
    native: str
    lacking: tuple = ()


# One instruction set and one vector width for all that can be told. Without the last, Clang fuses products and sums, which
# WebAssembly does not allow.
SIMD_CPU = "x86-64-v3"
SIMD_FLAGS = (f"-march={SIMD_CPU}", "-mprefer-vector-width=128", "-ffp-contract=off")


def simd(name: str, count: int, indirect: bool = False) -> Kernel:
    return Kernel(name, count, indirect, folder=KERNELS / "simd", native=SIMD_FLAGS, cpu=SIMD_CPU)


SCALAR = Suite("scalar", native="clang -O2", writer="run.py --write-readme", kernels=[
    Kernel("mono", 320000),
    Kernel("bimorphic", 100000),
    Kernel("mega", 14000),
    Kernel("vector", 60000),
    Kernel("rays", 140),
    Kernel("richards", 12500),
    Kernel("deltablue", 250),
    Kernel("interp", 4),
    Kernel("tails", 8, lacking=("wasm2c-pgo",)),
    Kernel("sort", 50),
    Kernel("pipeline", 47000),
    # Recorded without the phase change, measured with it.
    Kernel("phase", 225000, rest=("50",), recorded=("100",)),
    Kernel("matmul", 420, indirect=False),
    Kernel("sha256", 2200, indirect=False),
    Kernel("hashtable", 1250, indirect=False),
    Kernel("strings", 20000, indirect=False),
])

SIMD = Suite("simd", native=" ".join(["clang -O2", *SIMD_FLAGS]), lacking=("wasm2c-pgo",), writer="run.py --suite simd --write-readme", kernels=[
    simd("filters", 45000, indirect=True),
    simd("raymarch", 1000, indirect=True),
    simd("utf8", 45000),
    simd("base64", 28000),
    simd("chacha20", 16000),
    simd("adler", 900000),
    simd("blur", 9000),
    simd("sgemm", 1600),
    simd("mandelbrot", 160),
    simd("histogram", 8000),
    simd("wave", 30000),
    simd("quantized", 450000),
])

REFERENCES = Suite("references", native="clang -O2", lacking=("wasm2c-pgo",), writer="run.py --suite references --write-readme", kernels=[
    Kernel("references", 40000, folder=KERNELS / "references"),
])

SUITES = {suite.name: suite for suite in (SCALAR, SIMD, REFERENCES)}
