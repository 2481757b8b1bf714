"""Runs a WASI command in V8: Debian's chromium, without a window.

    v8_peer.py MODULE.wasm REPORT TRAINING -- [ARGUMENT...]

V8 compiles while it runs, and speculates on what it saw. So that this is not in the figures, the program first runs
three times with the arguments TRAINING (one string, separated by spaces), each in a new instance of the same compiled module, which keeps
code and feedback, and functions that become hot are optimized at once; then once with the arguments. Writes to REPORT the seconds of CPU
of that run, in the thread that it runs on.
"""

import base64
import json
import sys
from pathlib import Path

from browser import Page

SCRIPT = """
const bytes = Uint8Array.from(atob("%s"), c => c.charCodeAt(0));
const module = new WebAssembly.Module(bytes);
class Exit { constructor(status) { this.status = status; } }

// Standard output and the arguments; everything else answers "not supported".
function run(args) {
  let memory, output = "";
  const view = () => new DataView(memory.buffer);
  const encoded = args.map(a => new TextEncoder().encode(a + "\\0"));
  const table = {
    args_sizes_get(count, size) {
      view().setUint32(count, encoded.length, true);
      view().setUint32(size, encoded.reduce((sum, a) => sum + a.length, 0), true);
      return 0;
    },
    args_get(pointers, buffer) {
      for (const a of encoded) {
        view().setUint32(pointers, buffer, true);
        new Uint8Array(memory.buffer).set(a, buffer);
        pointers += 4;
        buffer += a.length;
      }
      return 0;
    },
    fd_write(fd, vectors, count, written) {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(vectors + 8 * i, true), size = view().getUint32(vectors + 8 * i + 4, true);
        if (fd === 1) output += new TextDecoder().decode(new Uint8Array(memory.buffer, at, size));
        total += size;
      }
      view().setUint32(written, total, true);
      return 0;
    },
    proc_exit(status) { throw new Exit(status); },
  };
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ||= {})[name] = table[name] || (() => 52);
  const instance = new WebAssembly.Instance(module, imports);
  memory = instance.exports.memory;
  try { instance.exports._start(); } catch (e) { if (!(e instanceof Exit)) throw e; return { output, status: e.status }; }
  return { output, status: 0 };
}
"""


def main() -> int:
    module, report, training, mark, *arguments = sys.argv[1:]
    if mark != "--":
        raise SystemExit(__doc__)
    name = Path(module).name

    def call(arguments: list[str]) -> str:
        return f"run({json.dumps([name, *arguments])})"

    with Page(["--wasm-sync-tier-up"]) as page:
        page.evaluate(SCRIPT % base64.b64encode(Path(module).read_bytes()).decode())
        for _ in range(3):
            page.evaluate(call(training.split()))
        before = page.cpu_time()
        result = page.evaluate(call(arguments))
        seconds = page.cpu_time() - before
    Path(report).write_text(f"{seconds}\n")
    sys.stdout.write(result["output"])
    return result["status"]


if __name__ == "__main__":
    sys.exit(main())
