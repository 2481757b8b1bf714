#!/bin/sh
# Builds virtual.wasm: without a library, so that the walk-through's listings are all there is.
# Needs (Debian 12): clang-19 lld-19
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang++-19 --target=wasm32 -O2 -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -c virtual.cpp -o "$object"
wasm-ld-19 --no-entry --export=sum --strip-debug "$object" -o virtual.wasm
chmod 644 virtual.wasm
