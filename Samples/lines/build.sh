#!/bin/sh
# Builds lines.wasm, with DWARF.
# Needs (Debian 12): clang-19 lld-19
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang-19 --target=wasm32 -O2 -g -fdebug-compilation-dir=. -Wall -Wextra -c lines.c -o "$object"
wasm-ld-19 --no-entry --export=sum "$object" -o lines.wasm
chmod 644 lines.wasm
