#!/bin/sh
# Builds shapes.wasm. Why in two steps: see Benchmarks/kernels/build.sh.
# Needs (Debian 12): clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang++-19 --target=wasm32-wasi -O2 -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -c shapes.cpp -o "$object"
clang++-19 --target=wasm32-wasi -Wl,--strip-debug "$object" -o shapes.wasm
chmod 644 shapes.wasm
