#!/usr/bin/env bash
# Records, compiles and runs the sample, with its usual input and with one that changes half-way, and prints a short table.
# Compares the results of all runs with the baseline's. Exit code 1 if one differs or if no deopt was counted.
set -euo pipefail
cd "$(dirname "$0")/.."

pgo=.build/release/wasm-pgo
module=Samples/shapes/shapes.wasm
out=out/demo
mkdir -p $out
rm -f $out/*
training=(all 80 7)
usual=(all 800 7)
changed=(all 800 7 --change)
status=0
native=""

# measure NAME COMMAND...: standard output to $out/NAME.out, standard error to $out/NAME.err; sets `seconds` to the CPU time.
measure() {
  local name=$1 TIMEFORMAT='%U %S' code=0
  shift
  { time "$@" >"$out/$name.out" 2>"$out/$name.err" </dev/null || code=$?; } 2>"$out/$name.time"
  if ((code)); then
    echo "demo: '$*' ended with exit code $code:" >&2
    tail -n 5 "$out/$name.err" >&2
    exit 1
  fi
  seconds=$(awk 'END { printf "%.2f", $1 + $2 }' "$out/$name.time")
}

# row TITLE REFERENCE NAME DEOPTS
row() {
  local result=right
  if [[ -n $2 ]] && ! cmp -s "$out/$2.out" "$out/$3.out"; then
    result=WRONG
    status=1
  fi
  local ratio=-
  [[ -z $native ]] || ratio=$(awk -v a="$seconds" -v b="$native" 'BEGIN { printf "%.2f", a / (b > 0 ? b : 0.01) }')
  printf '%-34s %9s %10s %8s   %s\n' "$1" "$seconds" "$ratio" "$4" "$result"
}

deopts() { grep -aoE '"deopts": *[0-9]+' "$out/$1.err" | head -n 1 | grep -oE '[0-9]+' || echo '?'; }

echo "$ wasm-pgo record $module -o $out/shapes.wasmprof -- ${training[*]}"
$pgo record $module -o $out/shapes.wasmprof -- "${training[@]}" >/dev/null
echo "$ wasm-pgo compile $module --profile off -o $out/shapes-off.so"
$pgo compile $module --profile off -o $out/shapes-off.so
echo "$ wasm-pgo compile $module --profile $out/shapes.wasmprof -o $out/shapes.so"
$pgo compile $module --profile $out/shapes.wasmprof -o $out/shapes.so
echo "$ wasm-pgo run $out/shapes.so -- ${changed[*]}"
echo

compiler=$(command -v clang++-19 || command -v clang++ || true)
printf '%-34s %9s %10s %8s   %s\n' "" "CPU s" "to native" deopts result
if [[ -n $compiler ]] && $compiler -O2 -std=c++17 -fno-exceptions -fno-rtti Samples/shapes/shapes.cpp -o $out/shapes 2>$out/native.log; then
  measure native $out/shapes "${usual[@]}"
  native=$seconds
  native_row="native ($(basename "$compiler") -O2)"
else
  native_row=""
fi

measure baseline $pgo run $module -- "${usual[@]}"
row "baseline" "" baseline -
measure off $pgo run $out/shapes-off.so -- "${usual[@]}"
row "AOT without profile" baseline off -
measure profile $pgo run --stats=json $out/shapes.so -- "${usual[@]}"
row "AOT with profile" baseline profile "$(deopts profile)"
measure baseline-changed $pgo run $module -- "${changed[@]}"
row "baseline, changed input" "" baseline-changed -
measure changed $pgo run --stats=json $out/shapes.so -- "${changed[@]}"
count=$(deopts changed)
row "AOT with profile, changed input" baseline-changed changed "$count"
if [[ -n $native_row ]]; then
  seconds=$native
  row "$native_row" baseline native -
else
  echo "native: skipped, no working clang++"
fi

if [[ ! $count =~ ^[1-9] ]]; then
  echo "demo: no deopt was counted on the changed input" >&2
  status=1
fi
exit $status
