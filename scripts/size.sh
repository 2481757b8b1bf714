#!/usr/bin/env bash
# Prints the size of wasm-pgo, stripped, with Swift's standard library linked statically; fails above the limit.
# Built in a folder of its own, so that the usual build stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=20000000
scratch=.build-static
swift build -c release --static-swift-stdlib --product wasm-pgo --scratch-path "$scratch" 2>&1 | scripts/quiet.sh
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$(swift build -c release --static-swift-stdlib --scratch-path "$scratch" --show-bin-path)/wasm-pgo"
size=$(stat -c %s "$stripped")
if readelf -d "$stripped" | grep NEEDED | grep LLVM; then
  echo "size: wasm-pgo must not link LLVM" >&2
  exit 1
fi
echo "size: wasm-pgo, stripped, static standard library: $size bytes (limit $limit)"
((size < limit))
