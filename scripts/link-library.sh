#!/usr/bin/env bash
# Makes the C library of what SwiftPM archived: link-library.sh ARCHIVE FOLDER
#
#   FOLDER/lib/libwasmpgo.so.0.1.0     with Swift's runtime in it, and its links libwasmpgo.so.0 and libwasmpgo.so
#   FOLDER/lib/libwasmpgo.a            the same code as one object
#   FOLDER/lib/libwasmpgo++.a          wasm.hh on top of either
#   FOLDER/include                     headers
#
# Only the functions of the headers are visible in either. Prints their sizes and what the shared one links.
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$1 folder=$2
version=0.1.0
api=Sources/CWasmAPI

swift=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/lib/swift_static/linux
swiftrt=$swift/$(uname -m)/swiftrt.o
runtime=(-L"$swift" -lswiftSynchronization -lswiftGlibc -lswift_StringProcessing -lswift_RegexParser -lswift_Concurrency
  -lswiftCore -ldispatch -lBlocksRuntime)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -rf "$folder/lib" "$folder/include"
mkdir -p "$folder/lib" "$folder/include"
cp "$api"/include/wasm.h "$api"/include/wasm.hh "$api"/include/wasm_pgo.h "$folder/include/"

# The functions that the headers declare are where the linker starts from; what they do not reach is left out.
wanted=$(gcc -E -P "$api/include/wasm_pgo.h" | grep -oE '\bwasm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u |
  comm -12 - <(nm -g --defined-only "$archive" 2>/dev/null | awk '$2 == "T" { print $3 }' | sort -u))
roots=($(sed 's/^/-Wl,-u,/' <<<"$wanted"))

library=$folder/lib/libwasmpgo.so.$version
clang -shared -fuse-ld=lld -o "$library" -Wl,-soname,libwasmpgo.so.0 -Wl,--version-script=scripts/libwasmpgo.map \
  -Wl,--gc-sections -Wl,-z,pack-relative-relocs -Wl,-z,relro,-z,now -Wl,-z,nodelete -Wl,--no-undefined -static-libgcc -nostdlib++ \
  "${roots[@]}" "$swiftrt" "$archive" "${runtime[@]}" -Wl,-Bstatic -lstdc++ -Wl,-Bdynamic -lm -lc
strip --strip-unneeded "$library"
ln -s "libwasmpgo.so.$version" "$folder/lib/libwasmpgo.so.0"
ln -s libwasmpgo.so.0 "$folder/lib/libwasmpgo.so"

# One object, so that names of Swift's runtime are hidden here too, and a host may have a runtime of its own.
ld -r --gc-sections --gc-keep-exported --force-group-allocation -o "$scratch/all.o" $(sed 's/^/-u /' <<<"$wanted") \
  "$swiftrt" "$archive" "${runtime[@]}"
objcopy --strip-unneeded --wildcard --keep-global-symbol='wasm_*' "$scratch/all.o" "$scratch/wasmpgo.o"
ar rcsD "$folder/lib/libwasmpgo.a" "$scratch/wasmpgo.o"

# Plain C++17, with no more than the C library's functions: any compiler's ABI.
g++ -std=c++17 -O2 -fPIC -Wall -I"$api/include" -c -o "$scratch/wasm++.o" "$api/cxx/wasm.cc"
ar rcsD "$folder/lib/libwasmpgo++.a" "$scratch/wasm++.o"

stat -c 'lib: %n, %s bytes' "$library" "$folder/lib/libwasmpgo.a"
readelf -d "$library" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/lib: links \1/p'
