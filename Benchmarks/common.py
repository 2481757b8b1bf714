"""What the benchmark runners share: running commands, what the machine is, writing figures into a README."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# As it is shipped: with Swift's libraries in it, it starts in a third of the time.
WASM_PGO = ROOT / ".build-static" / "release" / "wasm-pgo"
VENV_PYTHON = ROOT / "out" / "venv" / "bin" / "python"
V8_PEER = ROOT / "Benchmarks" / "peers" / "v8_peer.py"
V8_BROWSER = "chromium-headless-shell"
WASMTIME_PEER = ROOT / "Benchmarks" / "peers" / "wasmtime_peer.py"


class Failure(Exception):
    pass


@dataclass
class Outcome:
    seconds: float  # CPU time, user and system
    output: bytes
    said: str = ""  # standard error
    peak: int = 0  # bytes; of the largest process


def execute(command: list, directory: Path | None = None, timeout: float = 120) -> Outcome:
    """Runs a command to its end, at most `timeout` seconds; its CPU time is the kernel's account of the process
    (children included)."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=directory
        )
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        said = stderr.read().decode(errors="replace").strip()
        if process.returncode != 0:
            what = f"exit code {process.returncode}" + (f": {said.splitlines()[0][:160]}" if said else "")
            raise Failure(f"{Path(str(command[0])).name} {command[1] if len(command) > 1 else ''}: {what}")
        return Outcome(usage.ru_utime + usage.ru_stime, stdout.read(), said, usage.ru_maxrss * 1024)


def wasmtime_missing() -> str | None:
    """Why there is no wasmtime, or None."""
    if VENV_PYTHON.exists() and subprocess.run([VENV_PYTHON, "-c", "import wasmtime"], capture_output=True).returncode == 0:
        return None
    return "PyPI's wasmtime is not installed in out/venv (make setup-bench)"


def check_names(parser, options, known: dict[str, list[str]]) -> None:
    """Refuses names in an option's list that are not known: option -> names."""
    for option, names in known.items():
        unknown = [n for n in getattr(options, option).split(",") if n and n not in names]
        if unknown:
            parser.error(f"--{option}: unknown: {', '.join(unknown)}")


def note(*parts) -> None:
    print(*parts, file=sys.stderr, flush=True)


def first_line(command: list) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return "not there"


def wasmtime_version() -> str:
    return "wasmtime " + first_line(
        [str(VENV_PYTHON), "-c", "import importlib.metadata as m; print(m.version('wasmtime'))"])


def v8_version() -> str:
    """Of the browser that it is in."""
    return first_line([V8_BROWSER, "--version"]).replace(" built on Debian GNU/Linux 12 (bookworm)", "").strip()


def machine() -> str:
    """The day, the processor and its cores."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{time.strftime('%Y-%m-%d')}, {model}, {os.cpu_count()} cores"


def table(headings: list, rows: list) -> list[str]:
    """Columns as wide as they must be, the first left-aligned."""
    widths = [max(len(str(row[i])) for row in [headings, *rows]) for i in range(len(headings))]
    return ["  ".join(str(cell).rjust(width) if i else str(cell).ljust(width) for i, (cell, width) in enumerate(zip(row, widths)))
            for row in [headings, *rows]]


def number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def statistics(outcome: Outcome) -> dict:
    """What `compile --stats` prints: a name, blanks, a number a line."""
    pairs = (line.rsplit(maxsplit=1) for line in outcome.said.splitlines())
    return {pair[0].strip(): float(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].replace(".", "").isdigit()}


def put_figures(readme: Path, text: str, writer: str) -> None:
    """Replaces what stands between a README's two marks by `text`, set as it is."""
    begin, end = f"<!-- figures: written by {writer} -->", "<!-- end of figures -->"
    before, rest = readme.read_text().split(begin)
    readme.write_text(f"{before}{begin}\n```\n{text}\n```\n{end}{rest.split(end, 1)[1]}")
