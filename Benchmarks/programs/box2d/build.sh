#!/usr/bin/env bash
# Builds Debian's box2d with a workload of ours as a WASI command: build.sh DIRECTORY (gets program.wasm and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/../debian-source.sh" box2d "$1")
cd "$1"
flags=(--target=wasm32-wasi -O2 -std=c++17 -fno-exceptions -fno-rtti -Isource/include -Isource/src)
mkdir -p objects
rm -f objects/*
for file in source/src/*/*.cpp "$here/workload.cpp"; do
  clang++-19 "${flags[@]}" -c "$file" -o "objects/$(basename "$file" .cpp).o"
done
clang++-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=1048576 objects/*.o -o program.wasm
echo "Box2D $version" >version
