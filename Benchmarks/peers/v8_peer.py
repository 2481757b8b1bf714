"""Runs a WASI command in V8: Debian's chromium, without a window.

    v8_peer.py MODULE.wasm REPORT TRAINING -- [ARGUMENT...]

V8 compiles while it runs, and speculates on what it saw. So that this is not in the figures, the program first runs
three times with the arguments TRAINING (one string, separated by spaces), each in a new instance of the same compiled module, which keeps code and
feedback; then once with the arguments. Writes to REPORT the seconds of that run, by the page's clock.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import V8_BROWSER  # noqa: E402

PAGE = """<!doctype html><pre id="result"></pre><script>
const bytes = Uint8Array.from(atob("%(module)s"), c => c.charCodeAt(0));
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
  let status = 0;
  const before = performance.now();
  try { instance.exports._start(); } catch (e) { if (!(e instanceof Exit)) throw e; status = e.status; }
  return { seconds: (performance.now() - before) / 1000, output, status };
}

let result;
try {
  for (let i = 0; i < 3; i++) {
    run(%(training)s);
    // Code is optimized on other threads meanwhile.
    for (const until = performance.now() + 150; performance.now() < until;);
  }
  result = run(%(arguments)s);
} catch (error) { result = { failure: String(error) }; }
document.getElementById("result").textContent = JSON.stringify(result);
</script>
"""


def main() -> int:
    module, report, training, mark, *arguments = sys.argv[1:]
    if mark != "--":
        raise SystemExit(__doc__)
    name = Path(module).name

    def js(text: list[str]) -> str:
        return json.dumps(text).replace("<", "\\u003c")

    page = PAGE % {
        "module": base64.b64encode(Path(module).read_bytes()).decode(),
        "training": js([name, *training.split()]),
        "arguments": js([name, *arguments]),
    }
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "page.html"
        file.write_text(page)
        browser = subprocess.run(
            [V8_BROWSER, "--no-sandbox", "--disable-gpu", f"--user-data-dir={directory}/profile", "--dump-dom", file.as_uri()],
            capture_output=True, text=True)
    found = re.search(r'<pre id="result">(.*?)</pre>', browser.stdout, re.DOTALL)
    if not found or not found[1]:
        raise SystemExit(f"no result from {V8_BROWSER}: {browser.stderr.strip().splitlines()[-1:]}")
    result = json.loads(unescape(found[1]))
    if "failure" in result:
        raise SystemExit(result["failure"])
    Path(report).write_text(f"{result['seconds']}\n")
    sys.stdout.write(result["output"])
    return result["status"]


if __name__ == "__main__":
    sys.exit(main())
