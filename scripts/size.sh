#!/usr/bin/env bash
# Prints the size of wasm-pgo as it is shipped (`make static`), stripped; fails above the limit, or if it uses shared libraries.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=20000000
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" .build-static/release/wasm-pgo
size=$(stat -c %s "$stripped")
if readelf -d "$stripped" | grep NEEDED; then
  echo "size: wasm-pgo must not use shared libraries" >&2
  exit 1
fi
echo "size: wasm-pgo, stripped: $size bytes (limit $limit)"
((size < limit))
