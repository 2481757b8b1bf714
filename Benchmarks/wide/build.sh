#!/bin/sh
# Builds eight kernels for memories of 32 and of 64 bits, without a C library: sh build.sh FOLDER
# Needs (Debian 12): clang-19 lld-19. The target wasm64 is experimental.
set -eu
folder=$1
cd "$(dirname "$0")"
mkdir -p "$folder"
for width in 32 64; do
  flags="--target=wasm$width -O2 -fno-builtin-calloc -mbulk-memory -nostdinc -isystem $(clang-19 -print-resource-dir)/include -Iinclude"
  clang-19 $flags -std=c11 -Wno-incompatible-library-redeclaration -c library.c -o "$folder/library$width.o"
  for kernel in hashtable interp matmul sha256 sort richards deltablue rays; do
    source=$(ls ../kernels/$kernel.c*)
    # Quotes look beside the source first, so it is read from standard input.
    case $source in
    *.cpp) clang-19 $flags -x c++ -std=c++17 -fno-exceptions -fno-rtti -c - -o "$folder/$kernel.o" <"$source" ;;
    *) clang-19 $flags -x c -std=c11 -c - -o "$folder/$kernel.o" <"$source" ;;
    esac
    wasm-ld-19 -mwasm$width --no-entry --export=kernel -z stack-size=65536 \
      "$folder/$kernel.o" "$folder/library$width.o" -o "$folder/$kernel$width.wasm"
  done
done
