#!/usr/bin/env python3
"""Writes the listings of documents: listings.py [--check] DOCUMENT…

Runs what stands after `$ ` at the start of a code block, in out/ with .build/release (or BUILT) on the PATH, and replaces what the block shows of the output. A
block shows pieces of it with … between them; each piece is looked for by its first line, in which numbers do not count, and keeps its length. So a listing
follows addresses; what else changes is reported, for the author to decide what to show. A block without a command goes on with the
output of the one before.

--check writes nothing and fails if anything would change. gdb, binutils and what else the commands name must be installed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = os.environ.get("BUILT", f"{ROOT}/.build/release")


def shape(line):
    return re.sub(r"0x[0-9a-f]+|\b[0-9a-f]*\d[0-9a-f]*\b", "#", line).rstrip()


def run(command, folder):
    environment = dict(os.environ, PATH=f"{BUILT}:{os.environ['PATH']}", LC_ALL="C")
    result = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    return [line.rstrip() for line in result.stdout.split("\n")]


def refill(piece, output, start):
    """The lines of the output that stand where a piece does, and where they end; None if there are none."""
    best = None
    for place in range(start, len(output)):
        if shape(output[place]) != shape(piece[0]):
            continue
        lines = output[place:place + len(piece)]
        same = sum(shape(a) == shape(b) for a, b in zip(piece, lines))
        if best is None or same > best[0]:
            best = (same, place, lines)
    if best is None or best[0] < len(piece):
        return None
    return best[2], best[1] + len(piece)


def rewrite(path):
    folder = ROOT / "out"
    folder.mkdir(exist_ok=True)
    for sample in ("virtual/virtual.wasm", "lines/lines.wasm"):
        shutil.copy(ROOT / "Samples" / sample, folder)
    lines, result, problems = path.read_text().split("\n"), [], []
    number, output, place, command = 0, [], 0, ""
    while number < len(lines):
        line = lines[number]
        result.append(line)
        number += 1
        if not line.startswith("```"):
            continue
        end = lines.index("```", number)
        if line != "```":
            # Code in some language.
            result += lines[number:end + 1]
            number = end + 1
            continue
        # Without a command, a block may go on with the output of the one before.
        goes_on = not lines[number].startswith("$ ")
        if goes_on and not output:
            result += lines[number:end + 1]
            number = end + 1
            continue
        block, number = lines[number:end], end
        piece = []
        if not goes_on:
            output, place, command = [], 0, ""
        for shown in block + [None]:
            if shown is not None and shown != "…" and not shown.startswith("$ "):
                piece.append(shown)
                continue
            if any(line.strip() for line in piece):
                found = refill(piece, output, place)
                if found is None and goes_on:
                    result += piece
                elif found is None:
                    problems.append(f"{path.name}: {command}: nothing like '{piece[0].strip()}' and what follows it")
                    result += piece
                else:
                    result += found[0]
                    place = found[1]
            else:
                result += piece
            piece = []
            if shown is not None:
                result.append(shown)
                if shown.startswith("$ "):
                    command, output, place = shown, run(shown[2:], folder), 0
        result.append("```")
        number += 1
    return "\n".join(result), problems


def main():
    arguments = sys.argv[1:]
    check = "--check" in arguments
    documents = [a for a in arguments if a != "--check"]
    if not documents:
        sys.exit(__doc__)
    status = 0
    for name in documents:
        path = pathlib.Path(name).resolve()
        text, problems = rewrite(path)
        for problem in problems:
            print(problem, file=sys.stderr)
            status = 1
        if text != path.read_text():
            if check:
                print(f"{name}: not what is printed", file=sys.stderr)
                status = 1
            else:
                path.write_text(text)
    sys.exit(status)


main()
