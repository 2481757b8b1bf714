#!/usr/bin/env python3
"""Edits the tables of an artefact, corrects all checksums, and runs and inspects it:

    replay-crafted.py FOLDER [EDITS [SEED]]

FOLDER holds craft.py, which knows the sections and their checksums but nothing of what they mean. PGO names the executable
(.build/release/wasm-pgo). Whatever is in the tables, a process may refuse the file, trap, or compute something else; a signal or
an internal error is a finding.
"""
import importlib.util
import os
import random
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PGO = os.environ.get("PGO", ROOT + "/.build/release/wasm-pgo")
SECTIONS = [".wpgo." + name for name in
            ["manifest", "module", "code", "baseline", "deopt", "guards", "locations", "sites"]]
# Refused, or a trap, or the guest's own; 124: a loop without end.
GOOD = {0, 1, 65, 69, 124, 134}


def load_craft(folder):
    spec = importlib.util.spec_from_file_location("craft", folder + "/craft.py")
    craft = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(craft)
    return craft


def run(arguments, folder):
    environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
    return subprocess.run([PGO] + arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120)


def named_cases(craft, bytes_):
    """Those that the findings tell of."""
    def edit(section, change):
        copy = bytearray(bytes_)
        start, length = craft.contents(copy, section)
        words = list(struct.unpack_from("<%dI" % (length // 4), copy, start))
        change(words)
        struct.pack_into("<%dI" % len(words), copy, start, *words)
        return copy

    def points(words):
        return range(1, 1 + 4 * words[0], 4)

    def locations(words):
        """Indices of the location rows: behind points, states and frames."""
        index = 0
        for size in (4, 3, 5):
            index += 1 + size * words[index]
        return range(index + 1, index + 1 + 2 * words[index], 2)

    def far(kind, payload):
        def change(words):
            for row in locations(words):
                words[row:row + 2] = [kind, payload & 0xFFFFFFFF]
        return change

    def moved(distance):
        def change(words):
            words[1] = (words[1] + distance) & 0xFFFFFFFF
        return change

    def no_state(words):
        for row in points(words):
            words[row] += 1

    for kind, payload in [(2, 1 << 23), (2, 1 << 24), (3, -1 << 23), (3, 1 << 23), (2, 4096), (3, -4096),
                          (2, 0), (3, -8), (1, 32), (1, 624)]:
        yield "location %d %d" % (kind, payload), edit(".wpgo.deopt", far(kind, payload))
    for distance in (1, 4, 16, 64, -1):
        yield "entry + %d" % distance, edit(".wpgo.code", moved(distance))
    yield "no frame state", edit(".wpgo.deopt", no_state)


def random_cases(craft, bytes_, count, generator):
    for _ in range(count):
        copy = bytearray(bytes_)
        section = generator.choice(SECTIONS)
        start, length = craft.contents(copy, section)
        for _ in range(generator.randint(1, 2)):
            place = start + generator.randrange(max(1, length // 4)) * 4
            if place + 4 > start + length:
                continue
            old = struct.unpack_from("<I", copy, place)[0]
            other = struct.unpack_from("<I", copy, start + generator.randrange(max(1, length // 4)) * 4)[0]
            new = generator.choice([0, 0xFFFFFFFF, old + 1, old - 1, other, old ^ 1 << generator.randrange(32)])
            struct.pack_into("<I", copy, place, new & 0xFFFFFFFF)
        yield section, copy


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    craft = load_craft(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    generator = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    outcomes, findings = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cp", ROOT + "/Samples/virtual/virtual.wasm", folder], check=True)
        for arguments in (["record", "virtual.wasm", "--invoke", "sum", "--", "1000", "-1"],
                          ["compile", "virtual.wasm", "-o", "sound.so"]):
            outcome = run(arguments, folder)
            if outcome.returncode != 0:
                sys.exit(outcome.stderr.decode())
        sound = bytearray(open(folder + "/sound.so", "rb").read())
        cases = list(named_cases(craft, sound)) + list(random_cases(craft, sound, count, generator))
        for name, edited in cases:
            open(folder + "/edited.so", "wb").write(craft.seal(edited, SECTIONS))
            for arguments in (["run", "--timeout", "2s", "--invoke", "sum", "edited.so", "--", "200", "100"],
                              ["run", "--timeout", "2s", "--deopt-every", "2", "--invoke", "sum", "edited.so", "--", "200", "100"],
                              ["inspect", "--all", "edited.so"]):
                outcome = run(arguments, folder)
                outcomes[outcome.returncode] = outcomes.get(outcome.returncode, 0) + 1
                if outcome.returncode not in GOOD:
                    findings += 1
                    print("%s, %s: %d\n%s" % (name, " ".join(arguments[:3]), outcome.returncode,
                                              outcome.stderr.decode(errors="replace")[:300]))
    print("%d cases, exit codes %s, %d findings" % (len(cases), sorted(outcomes.items()), findings))
    sys.exit(1 if findings else 0)


main()
