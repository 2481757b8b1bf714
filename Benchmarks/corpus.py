"""The programs that the benchmarks take from elsewhere: how each is built, and what it is run with. Each has a folder in programs/ with
its build.sh and the workload, which is ours."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from common import ROOT, execute

HERE = Path(__file__).resolve().parent / "programs"
OUT = ROOT / "out" / "programs"


@dataclass(frozen=True)
class Program:
    """Arguments are the guest's, separated by blanks. `training`: those of the run whose profile it gets. `empty`: of a run that does as
    little as possible. `measured`: those of each measured run, by its name; none if only its compilation is measured. `more`: of a run
    a little different from the training run, whose profile is added for a second compilation. `other`: of a run of another kind.
    `verified`: of the run that is verified, if the training run is different each time (file times).
    `directories`: (host, guest); the guest finds its own scratch directory as /out, and where else a host of None says. `files`: what it
    writes there, compared like its standard output. `whole`: whether it is compiled without a profile as well, and so all of it."""

    name: str
    training: str
    empty: str
    measured: dict = field(default_factory=dict)
    more: str = ""
    other: str = ""
    verified: str = ""
    directories: tuple = ()
    files: tuple = ()
    whole: bool = True

    @property
    def home(self) -> Path:
        return OUT / self.name

    @property
    def module(self) -> Path:
        return self.home / "program.wasm"

    @property
    def version(self) -> str:
        return (self.home / "version").read_text().strip()

    def install(self) -> None:
        """Builds it unless that was done since its scripts or its workload changed."""
        built = self.home / "version"
        sources = [*HERE.glob("*.sh"), *(HERE / self.name).rglob("*")]
        if not built.exists() or built.stat().st_mtime < max(source.stat().st_mtime for source in sources):
            print(f"building {self.name}", file=sys.stderr)
            self.home.mkdir(parents=True, exist_ok=True)
            execute([HERE / self.name / "build.sh", self.home], timeout=1000)

    def directory_options(self, scratch: Path) -> list:
        return [part for host, guest in (*self.directories, (scratch, "/out"))
                for part in ("--dir", f"{host or scratch}::{guest}")]


def yosys(cores: int, script: str) -> str:
    return f"-q -D CORES={cores} -s /yosys/{script}.ys"


def nextpnr(target: str, design: str) -> str:
    return f"--{target} --seed 1 --quiet --json /designs/{design}.json --asc /out/design.asc"


ALL = [
    Program("hello", training="", empty=""),
    Program(
        "lua", measured={"lua": "/lua/workload.lua 60 objects trees strings sort numbers closures"},
        training="/lua/workload.lua 6 objects trees strings sort numbers closures", empty="-v",
        more="/lua/workload.lua 7 objects trees strings sort numbers closures", other="/lua/workload.lua 10 strings",
        directories=((HERE / "lua", "/lua"),)),
    Program(
        "quickjs", training="/quickjs/workload.js 10 objects trees strings sort numbers misc", empty="/quickjs/empty.js",
        directories=((HERE / "quickjs", "/quickjs"),)),
    Program(
        "sqlite", measured={"sqlite-memory": ":memory: 14 orders text tree", "sqlite-file": "/out/file.db 12 orders text tree"},
        training="/out/file.db 2 orders text tree", empty=":memory: 0", more="/out/file.db 3 orders text tree", other=":memory: 2 tree",
        verified=":memory: 2 orders text tree", files=("file.db",)),
    Program(
        "box2d", measured={"box2d": "pyramid 400 mixed 600 joints 600"}, training="pyramid 60 mixed 200 joints 60", empty="pyramid 0",
        more="pyramid 70 mixed 220 joints 70", other="joints 120"),
    Program(
        "webp", measured={"webp": "lossy 14 lossless 14"}, training="lossy 3 lossless 3", empty="", more="lossy 4 lossless 2",
        other="lossless 12"),
    Program(
        "opus", measured={"opus": "music 60 speech 60"}, training="music 8 speech 8", empty="", more="music 6 speech 10", other="speech 16"),
    Program(
        "yosys", measured={"yosys": yosys(6, "ice40")}, training=yosys(1, "ice40"), empty="-V", more=yosys(2, "ice40"),
        other=yosys(4, "verilog"), verified=yosys(1, "unmapped"),
        directories=((OUT / "yosys" / "share", "/share"), (HERE / "yosys", "/yosys"), (None, "/tmp")), files=("design.json", "report.txt"),
        whole=False),
    Program(
        "nextpnr", measured={"nextpnr-hx1k": nextpnr("hx1k --package tq144", "mix12"), "nextpnr-hx8k": nextpnr("hx8k --package ct256", "mix60"),
                             "nextpnr-design": nextpnr("hx8k --package ct256", "design")},
        training=nextpnr("hx1k --package tq144", "mix6"), empty="--version", more=nextpnr("hx1k --package tq144", "mix7"),
        other=nextpnr("hx1k --package tq144", "random40") + " --placer sa --router router1",
        directories=((OUT / "nextpnr" / "share", "/share"), (OUT / "nextpnr" / "designs", "/designs")), files=("design.asc",)),
    Program(
        "resvg", training="--skip-system-fonts /pictures/small.svg /out/picture.png", empty="--version",
        directories=((OUT / "resvg" / "pictures", "/pictures"),)),
    Program(
        "gofmt", training="-l /library/go/ast /library/go/printer", empty="",
        directories=((OUT / "gofmt" / "library", "/library"),)),
    Program(
        "python", training="/python/workload.py 5 objects strings numbers generators integers", empty="-c pass",
        directories=((HERE / "python", "/python"),)),
]
