#!/bin/sh
# Builds plugin.wasm. Needs (Debian 12): clang-19 lld-19
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang-19 --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -c plugin.c -o "$object"
wasm-ld-19 --no-entry --strip-debug "$object" -o plugin.wasm
chmod 644 plugin.wasm
