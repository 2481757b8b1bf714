#!/bin/sh
# Builds states.wasm. Why in two steps: see Benchmarks/kernels/build.sh.
# Needs (Debian 12): clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang-19 --target=wasm32-wasi -O2 -std=c11 -mtail-call -Wall -Wextra -c states.c -o "$object"
clang-19 --target=wasm32-wasi -Wl,--strip-debug "$object" -o states.wasm
chmod 644 states.wasm
