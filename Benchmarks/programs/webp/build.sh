#!/usr/bin/env bash
# Builds Debian's libwebp with a workload of ours as a WASI command: build.sh DIRECTORY (gets program.wasm and version)
# The vectors are those that Clang makes of its portable code. Its SSE intrinsics by Debian's simde are slower than that.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/../debian-source.sh" libwebp "$1")
cd "$1"
mkdir -p objects
rm -f objects/*
flags=(--target=wasm32-wasi -O3 -msimd128 -Isource -Isource/src)
for file in source/src/{dec,dsp,enc,utils}/*.c source/sharpyuv/*.c; do
  clang-19 "${flags[@]}" -w -c "$file" -o "objects/$(basename "$file" .c).o"
done
clang-19 "${flags[@]}" -Wall -Wextra -c "$here/workload.c" -o objects/workload.o
clang-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=1048576 objects/*.o -o program.wasm
echo "libwebp $version" >version
