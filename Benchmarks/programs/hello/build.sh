#!/usr/bin/env bash
# The committed sample: build.sh DIRECTORY (gets program.wasm and version)
set -euo pipefail
cp "$(dirname "$0")/../../../Samples/hello/hello.wasm" "$1/program.wasm"
echo "hello (Samples/hello)" >"$1/version"
