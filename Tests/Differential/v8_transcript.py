"""Writes what modules do in V8 (Debian's chromium, without a window), in the lines of `Transcript`
(Tests/TestSupport/Transcript.swift).

    v8_transcript.py MODULE.wasm...         == PATH, |LINE, and |... at the end of one that was cut off

JavaScript does not see types, so PyPI's wasmtime tells them. V8 has one message for both ways in which a float is no integer,
which is "integer overflow" here.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

import wasmtime

from campaign import BROWSER
from wasmtime_transcript import FLOATS, INTEGERS, MAXIMUM_LINES, MEMORY, ROUNDS

# The limit of our stores. With bounds by page faults, the browser's own handler for crashes waits for ever at some of them.
FLAGS = [f"--wasm-max-mem-pages={MEMORY >> 16}", "--wasm-enforce-bounds-checks"]

PAGE = """<!doctype html><pre id="result"></pre><script>
const { modules, rounds, maximumLines, integers, floats } = %s;
const TRAPS = [
  [/unreachable/, "unreachable"],
  [/(divide|remainder) by zero/, "integer divide by zero"],
  [/unrepresentable/, "integer overflow"],
  [/memory access out of bounds|data segment/, "out of bounds memory access"],
  [/null function/, "uninitialized element"],
  [/signature mismatch/, "indirect call type mismatch"],
  [/table|element segment/, "out of bounds table access"],
];
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let i = 0; i < 8; i++) byte = byte & 1 ? byte >>> 1 ^ 0xEDB88320 : byte >>> 1;
  return byte;
});
function crc(bytes) {
  let sum = ~0;
  for (let i = 0; i < bytes.length; i++) sum = sum >>> 8 ^ crcTable[(sum ^ bytes[i]) & 0xFF];
  return (~sum >>> 0).toString(16);
}
const view = new DataView(new ArrayBuffer(8));
function text(kind, value) {
  if (kind === "i32" || kind === "i64") return `${kind}:${value}`;
  if (kind === "f32" || kind === "f64") {
    if (value !== value) return `${kind}:nan`;
    if (kind === "f32") view.setFloat32(0, value); else view.setFloat64(0, value);
    return `${kind}:${(kind === "f32" ? view.getUint32(0) : view.getBigUint64(0)).toString(16)}`;
  }
  return value === null ? "null" : "reference";
}
function argument(kind, turn) {
  const integer = BigInt(integers[turn %% integers.length]);
  if (kind === "i32") return Number(BigInt.asIntN(32, integer));
  if (kind === "i64") return BigInt.asIntN(64, integer);
  if (kind === "f32") return Math.fround(floats[turn %% floats.length]);
  if (kind === "f64") return floats[turn %% floats.length];
  return null;
}
class TooLong {}

function transcript({ bytes, imports, exports }) {
  const lines = [];
  let cutOff = false;
  function write(line) {
    if (lines.length >= maximumLines) { cutOff = true; throw new TooLong(); }
    lines.push(line);
  }
  function note(error) {
    if (error instanceof RangeError) { cutOff = true; return "call stack exhausted"; }
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const known = TRAPS.find(([pattern]) => pattern.test(error.message));
    return known ? known[1] : error.message;
  }
  function instantiate(module) {
    const given = {};
    for (const wanted of imports) {
      if (!wanted.parameters) { write("instantiation: unlinkable"); return null; }
      const zeros = wanted.results.map(kind => kind === "i64" ? 0n : kind[0] === "i" || kind[0] === "f" && kind[1] !== "u" ? 0 : null);
      (given[wanted.module] ||= {})[wanted.name] = (...values) => {
        write([wanted.name.replaceAll("log-", "log "), ...wanted.parameters.map((kind, i) => text(kind, values[i]))].join(" "));
        return zeros.length === 1 ? zeros[0] : zeros;
      };
    }
    try { return new WebAssembly.Instance(module, given); } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) write(`instantiation: trap: ${note(error)}`);
      else if (error instanceof WebAssembly.LinkError || error instanceof RangeError) write("instantiation: unlinkable");
      else throw error;
      return null;
    }
  }
  function call({ name, parameters, results }, wasm, turn) {
    const values = parameters.map((kind, place) => argument(kind, turn + 3 * place));
    const start = `${name}(${parameters.map((kind, i) => text(kind, values[i])).join(", ")}):`;
    let outcome;
    try { outcome = wasm(...values); } catch (error) {
      if (error instanceof TooLong) return;
      write(`${start} trap: ${note(error)}`);
      return;
    }
    const all = results.length === 1 ? [outcome] : results.length ? outcome : [];
    write([start, ...results.map((kind, i) => text(kind, all[i]))].join(" "));
  }
  function writeState(instance) {
    const parts = [];
    for (const { name, type } of exports) {
      const item = instance.exports[name];
      if (item instanceof WebAssembly.Memory) parts.push(`${name} ${item.buffer.byteLength} ${crc(new Uint8Array(item.buffer))}`);
      else if (item instanceof WebAssembly.Global) parts.push(`${name} ${text(type, item.value)}`);
      else if (item instanceof WebAssembly.Table) parts.push(`${name} ${item.length}`);
    }
    write(`state: ${parts.join(", ")}`);
  }
  function callAll(instance) {
    const start = instance.exports.hangLimitInitializer;
    for (let round = 0; round < rounds; round++) {
      for (const [number, row] of exports.entries()) {
        if (!row.parameters) continue;
        start?.();
        call(row, instance.exports[row.name], round + number);
        if (cutOff) return;
      }
      writeState(instance);
    }
  }
  try {
    let module;
    try { module = new WebAssembly.Module(Uint8Array.from(atob(bytes), c => c.charCodeAt(0))); } catch (error) {
      return { lines: [`refused: ${error.message}`], cutOff: false };
    }
    const instance = instantiate(module);
    if (instance) callAll(instance);
  } catch (error) { if (!(error instanceof TooLong)) lines.push(`failed: ${error}`); }
  return { lines, cutOff };
}
document.getElementById("result").textContent = JSON.stringify(modules.map(transcript));
</script>
"""


def kinds(values) -> list[str]:
    return [str(value) for value in values]


def row(item) -> dict:
    """What JavaScript has to know of an import or export."""
    result = {"name": item.name}
    if isinstance(item.type, wasmtime.FuncType):
        result |= {"parameters": kinds(item.type.params), "results": kinds(item.type.results)}
    elif isinstance(item.type, wasmtime.GlobalType):
        result["type"] = str(item.type.content)
    return result


def described(path: str, engine: wasmtime.Engine) -> dict:
    contents = Path(path).read_bytes()
    result = {"bytes": base64.b64encode(contents).decode(), "imports": [], "exports": []}
    try:
        module = wasmtime.Module(engine, contents)
    except wasmtime.WasmtimeError:
        return result
    result["imports"] = [{"module": item.module, **row(item)} for item in module.imports]
    result["exports"] = [row(item) for item in module.exports]
    return result


def main() -> None:
    engine, paths = wasmtime.Engine(), sys.argv[1:]
    given = json.dumps({
        "modules": [described(path, engine) for path in paths], "rounds": ROUNDS, "maximumLines": MAXIMUM_LINES,
        "integers": [str(value) for value in INTEGERS], "floats": FLOATS,
    }).replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "page.html"
        file.write_text(PAGE % given)
        browser = subprocess.run(
            [BROWSER, "--no-sandbox", "--disable-gpu", f"--user-data-dir={directory}/profile",
             f"--js-flags={' '.join(FLAGS)}", "--dump-dom", file.as_uri()],
            capture_output=True, text=True)
    found = re.search(r'<pre id="result">(.*?)</pre>', browser.stdout, re.DOTALL)
    if not found or not found[1]:
        raise SystemExit(f"no result from {BROWSER}: {browser.stderr.strip()[-500:]}")
    for path, outcome in zip(paths, json.loads(unescape(found[1])), strict=True):
        print(f"== {path}")
        print("".join(f"|{line}\n" for line in outcome["lines"]), end="")
        if outcome["cutOff"]:
            print("|...")


if __name__ == "__main__":
    main()
