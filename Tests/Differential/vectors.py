"""Makes modules with vectors ones that all engines can run and that do the same in all: JavaScript and PyPI's wasmtime have no values of type
v128, and wasm-opt's --denan leaves vectors alone.

- Exported functions with vectors are called by functions with two integers for each vector. These log a vector that comes back. Those
  with more results than a vector are not exported.
- The import that logs a vector becomes a function that logs two integers. Globals with vectors are logged by an exported function.
- Lanes that an instruction for floats made NaN become 0.
"""

import re
import subprocess
from pathlib import Path

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|;;[^\n]*|\(|\)|[^\s()";]+|\s+|;')
# What may choose a NaN. Others move bits.
MAKES_NAN = re.compile(r"(f32x4|f64x2)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|demote_f64x2_zero|promote_low_f32x4)")
FUNCTION = re.compile(r"\(func (\$\S+)((?: \(param [^)]*\)| \(result [^)]*\))*)")
EXPORT = re.compile(r'\(export "([^"]*)" \(func (\$\S+?)\)\)')
GLOBAL = re.compile(r"\n \(global (\$\S+) (?:\(mut )?(\w+)")
IMPORT = r'\(import "fuzzing-support" "%s" \(func (\$\S+) [^\n]*\n'
HELPERS = """ (func $f32x4.denan (param $v v128) (result v128) (v128.and (local.get $v) (f32x4.eq (local.get $v) (local.get $v))))
 (func $f64x2.denan (param $v v128) (result v128) (v128.and (local.get $v) (f64x2.eq (local.get $v) (local.get $v))))
 (func {vector} (param $v v128)
  (call {integer} (i64x2.extract_lane 0 (local.get $v)))
  (call {integer} (i64x2.extract_lane 1 (local.get $v))))
"""


def without_nans(text: str) -> str:
    """Puts a call around each instruction that may choose a NaN."""
    result, around = [], []  # for each open parenthesis, what closes it
    tokens = TOKEN.findall(text)
    for index, token in enumerate(tokens):
        if token == "(":
            found = MAKES_NAN.fullmatch(tokens[index + 1])
            result.append(f"(call ${found[1]}.denan (" if found else "(")
            around.append("))" if found else ")")
        else:
            result.append(around.pop() if token == ")" else token)
    return "".join(result)


def types(signature: str, what: str) -> list[str]:
    return [kind for group in re.findall(rf"\({what} ([^)]*)\)", signature) for kind in group.split() if not kind.startswith("$")]


def caller(name: str, function: str, parameters: list[str], results: list[str], log: str) -> str:
    """An export with integers in place of vectors; empty if there are too many results."""
    if len(results) > 1 and "v128" in results:
        return ""
    declared, arguments = "", ""
    for place, kind in enumerate(parameters):
        if kind == "v128":
            declared += f" (param $low{place} i64) (param $high{place} i64)"
            arguments += f" (i64x2.replace_lane 1 (i64x2.splat (local.get $low{place})) (local.get $high{place}))"
        else:
            declared += f" (param $low{place} {kind})"
            arguments += f" (local.get $low{place})"
    call = f"(call {function}{arguments})"
    if results == ["v128"]:
        results, call = [], f"(call {log} {call})"
    return f' (func $call.{name} (export "{name}"){declared}{"".join(f" (result {kind})" for kind in results)} {call})\n'


def rewritten(text: str) -> str:
    signatures = {found[1]: found[2] for found in FUNCTION.finditer(text)}
    # wasm-opt removes what is not used.
    if '"log-i64"' not in text:
        text = text.replace("\n", '\n (import "fuzzing-support" "log-i64" (func $log.i64 (param i64)))\n', 1)
    integer = re.search(IMPORT % "log-i64", text)[1]
    vector = found[1] if (found := re.search(IMPORT % "log-v128", text)) else "$log.v128"
    more = HELPERS.format(vector=vector, integer=integer)
    for name, function in EXPORT.findall(text):
        parameters, results = (types(signatures[function], what) for what in ("param", "result"))
        if "v128" in parameters + results:
            text = text.replace(f'(export "{name}" (func {function}))', "")
            more += caller(name, function, parameters, results, vector)
    if globals_ := [name for name, kind in GLOBAL.findall(text) if kind == "v128"]:
        more += f' (func $log.globals (export "vectors") {" ".join(f"(call {vector} (global.get {name}))" for name in globals_)})\n'
    text = re.sub(IMPORT % "log-v128", "\n", without_nans(text))
    # The module's last function stays the last.
    first = text.index("\n (func $") + 1
    return text[:first] + more + text[first:]


def rewrite(path: Path, features: list[str]) -> set[int]:
    """Rewrites a module of wasm-opt's fuzzer. Returns which of its globals are vectors."""
    text = subprocess.run(["wasm-dis", *features, path], capture_output=True, text=True, check=True).stdout
    source = path.with_suffix(".wat")
    source.write_text(rewritten(text))
    subprocess.run(["wasm-as", *features, source, "-o", path], check=True)
    source.unlink()
    return {index for index, (_, kind) in enumerate(GLOBAL.findall(text)) if kind == "v128"}
