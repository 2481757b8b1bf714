#!/usr/bin/env bash
# Builds QuickJS with a small host of ours as a WASI command: build.sh DIRECTORY (gets program.wasm and version)
# Its source is that in PyPI's package quickjs: Debian 12 has none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=1.19.4
"$here/../pypi-package.sh" "quickjs==$version" "$1" source
cd "$1"
upstream=$(cat package/upstream-quickjs/VERSION)
# EMSCRIPTEN: without threads and without malloc_usable_size. wasm has one rounding mode; the others' names would only choose how ties
# are broken when a number is printed.
flags=(
  --target=wasm32-wasi -O2 -isystem package/upstream-quickjs -DEMSCRIPTEN -D_GNU_SOURCE "-DCONFIG_VERSION=\"$upstream\""
  -DFE_DOWNWARD=FE_TONEAREST -DFE_UPWARD=FE_TONEAREST
)
mkdir -p objects
rm -f objects/*
for file in quickjs cutils libbf libregexp libunicode; do
  clang-19 "${flags[@]}" -w -c "package/upstream-quickjs/$file.c" -o "objects/$file.o"
done
clang-19 "${flags[@]}" -Wall -Wextra -c "$here/host.c" -o objects/host.o
clang-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=4194304 objects/*.o -o program.wasm
echo "QuickJS $upstream (source: PyPI quickjs $version)" >version
