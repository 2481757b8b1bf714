#!/usr/bin/env bash
# Prints the size of wasm-pgo, stripped, with Swift's standard library linked statically (`make static`); fails above the limit.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=20000000
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" .build-static/release/wasm-pgo
size=$(stat -c %s "$stripped")
if readelf -d "$stripped" | grep NEEDED | grep LLVM; then
  echo "size: wasm-pgo must not link LLVM" >&2
  exit 1
fi
echo "size: wasm-pgo, stripped, static standard library: $size bytes (limit $limit)"
((size < limit))
