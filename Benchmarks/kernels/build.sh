#!/bin/sh
# Builds the kernels' .wasm, all or those named: sh build.sh [KERNEL...], with vectors: simd/KERNEL
# Compiling and linking are two steps because clang's driver runs binaryen's wasm-opt, where that is installed, when it links with -O,
# and that drops the name section and makes the bytes depend on one more package.
# references/references.wasm was made of its text by PyPI's wasmtime: wasmtime.wat2wasm
# Needs (Debian 12): clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
target="--target=wasm32-wasi"
if [ $# -eq 0 ]; then set -- $(ls ./*.c ./*.cpp simd/*.c | sed 's|^\./||; s|\.c.*||'); fi
for kernel; do
  object="$objects/$(basename "$kernel").o"
  case $kernel in
  simd/quantized) features="-msimd128 -mrelaxed-simd" ;;
  simd/*) features="-msimd128" ;;
  tails) features="-mtail-call" ;;
  *) features="" ;;
  esac
  if [ -f "$kernel.cpp" ]; then
    clang++-19 $target -O2 -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -c "$kernel.cpp" -o "$object"
    clang++-19 $target -Wl,--strip-debug "$object" -o "$kernel.wasm"
  else
    clang-19 $target -O2 -std=c11 -Wall -Wextra $features -c "$kernel.c" -o "$object"
    clang-19 $target -Wl,--strip-debug "$object" -o "$kernel.wasm"
  fi
  chmod 644 "$kernel.wasm"
done
