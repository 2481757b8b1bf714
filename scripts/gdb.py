# For gdb: `source scripts/gdb.py`. The command `wasm-pgo-symbols` reads the symbols, lines and frames of all artefacts that the program has loaded;
# gdb does not know of them otherwise, because the runtime loads them itself. Code that the program compiles while it runs is known with
# `wasm-pgo run --code-names gdb`. toolchain-docs/profiling.md

import gdb
import struct


def artefact_segments(path):
    """(file offset, address, size) of what an artefact loads; nothing if the file is not one."""
    try:
        with open(path, "rb") as file:
            header = file.read(64)
            if header[:5] != b"\x7fELF\x02":
                return []
            table = struct.unpack_from("<Q", header, 32)[0]
            count = struct.unpack_from("<H", header, 56)[0]
            sections, size, number, names = struct.unpack_from("<Q", header, 40) + struct.unpack_from("<HHH", header, 58)
            file.seek(sections)
            rows = [file.read(size) for _ in range(number)]
            offset, length = struct.unpack_from("<QQ", rows[names], 24)
            file.seek(offset)
            if b".wpgo.manifest\0" not in file.read(length):
                return []
            file.seek(table)
            rows = [struct.unpack("<IIQQQQQQ", file.read(56)) for _ in range(count)]
            return [(row[2], row[3], row[5]) for row in rows if row[0] == 1]
    except (OSError, struct.error, IndexError):
        return []


class Symbols(gdb.Command):
    """Reads the symbols of all artefacts of wasm-pgo that the program has loaded."""

    def __init__(self):
        super().__init__("wasm-pgo-symbols", gdb.COMMAND_FILES)
        self.known = set()

    def invoke(self, arguments, from_tty):
        process = gdb.selected_inferior().pid
        if not process:
            raise gdb.GdbError("no program runs")
        with open(f"/proc/{process}/maps") as maps:
            for line in maps:
                words = line.split(maxsplit=5)
                if len(words) < 6 or "x" not in words[1]:
                    continue
                start, offset, path = int(words[0].split("-")[0], 16), int(words[2], 16), words[5].rstrip("\n")
                for place, address, size in artefact_segments(path):
                    if place <= offset < place + size:
                        base = start - (offset - place) - address
                        if (process, path, base) not in self.known:
                            self.known.add((process, path, base))
                            quoted = path.replace("\\", "\\\\").replace('"', '\\"')
                            gdb.execute(f'add-symbol-file "{quoted}" -o {base:#x}', to_string=True)
                            print(f"{path} at {base:#x}")


Symbols()
