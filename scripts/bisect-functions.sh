#!/usr/bin/env bash
# Finds the function whose optimization changes a program's output: bisect-functions.sh MODULE PROFILE [ARGUMENT…]
# The reference is the module on the baseline. Optimizes half of the functions at a time, the others as little as possible.
# PGO: the executable (.build/release/wasm-pgo). RUN: more options for run, like "--deopt-every 3". COMPILE: for compile.
set -euo pipefail
if (($# < 2)); then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 64
fi
module=$1 profile=$2
shift 2
pgo=${PGO:-$(dirname "$0")/../.build/release/wasm-pgo}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# outcome FILE OPTION… -- ARGUMENT…: output and exit code
outcome() {
  local file=$1 code=0
  shift
  timeout 300 "$pgo" run "$@" >"$file" 2>/dev/null </dev/null || code=$?
  echo "exit code $code" >>"$file"
}

# differs FIRST LAST
differs() {
  # shellcheck disable=SC2086
  "$pgo" compile "$module" --profile "$profile" ${COMPILE:-} --optimize-only "$1-$2" -o "$out/half.so"
  # shellcheck disable=SC2086
  outcome "$out/half" ${RUN:-} "$out/half.so" -- "${arguments[@]}"
  ! cmp -s "$out/half" "$out/reference"
}

arguments=("$@")
outcome "$out/reference" "$module" -- "${arguments[@]}"
"$pgo" compile "$module" --profile off -O1 -o "$out/all.so"
read -r first last < <("$pgo" inspect --functions "$out/all.so" |
  awk '$1 ~ /^f[0-9]+$/ { last = substr($1, 2); if (first == "") first = last } END { print first, last }')
if ! differs $first $last; then
  echo "bisect: no difference even with all functions optimized" >&2
  exit 1
fi
while ((first < last)); do
  middle=$(((first + last) / 2))
  if differs $first $middle; then last=$middle; elif differs $((middle + 1)) $last; then first=$((middle + 1)); else
    echo "bisect: only functions $first to $last together make a difference" >&2
    exit 1
  fi
  echo "bisect: functions $first to $last" >&2
done
echo "function $first"
