#!/usr/bin/env bash
# Compares all tiers with each other and with wasmtime (toolchain-docs/differential.md):
#   differential.sh --seeds 1:5000         modules by binaryen's fuzzer, about one a second
#   differential.sh --folder FOLDER        any modules
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build fuzz
swift build -c release -Xswiftc -enable-testing --product wasm-pgo-diff 2>&1 | scripts/quiet.sh
exec python3 Tests/Differential/campaign.py "$@"
