#!/usr/bin/env bash
# Compares all tiers with each other, with wasmtime and with V8 (toolchain-docs/differential.md):
#   differential.sh --seeds 1:5000         modules by binaryen's fuzzer, about one a second
#   differential.sh --simd --seeds 1:5000  the same with vectors
#   differential.sh --generator 1:5000     those of wasm-pgo-fuzz
#   differential.sh --folder FOLDER        any modules
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build fuzz
for product in wasm-pgo-diff wasm-pgo-fuzz; do
  swift build -c release -Xswiftc -enable-testing --product $product 2>&1 | scripts/quiet.sh
done
exec python3 Tests/Differential/campaign.py "$@"
