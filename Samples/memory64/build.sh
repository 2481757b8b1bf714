#!/bin/sh
# Builds far.wasm. The target wasm64 is experimental.
# Needs (Debian 12): clang-19 lld-19
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang-19 --target=wasm64 -O2 -std=c11 -mbulk-memory -nostdlibinc -Wall -Wextra -c far.c -o "$object"
wasm-ld-19 -mwasm64 --no-entry --strip-debug "$object" -o far.wasm
chmod 644 far.wasm
