#!/usr/bin/env bash
# Records the profiles in profiles/ anew, each with a tenth of the usual work: record-profiles.sh
set -euo pipefail
cd "$(dirname "$0")/.."

pgo=.build/release/wasm-pgo

record() { # NAME MODULE ARGUMENT...
  local name=$1 module=$2
  shift 2
  rm -f "profiles/$name.wasmprof"
  $pgo record "$module" -o "profiles/$name.wasmprof" -- "$@" >/dev/null
  echo "profiles/$name.wasmprof: wasm-pgo record $module -- $*"
}

record shapes Samples/shapes/shapes.wasm all 80 7
# The same arguments as Benchmarks/run.py: a kernel a line.
python3 Benchmarks/run.py --list-training | while read -r name arguments; do
  # shellcheck disable=SC2086
  record "$name" "Benchmarks/kernels/$name.wasm" $arguments </dev/null
done
