#!/usr/bin/env bash
# Builds Debian's lua5.4 as a WASI command: build.sh DIRECTORY (gets program.wasm and version)
# An error in Lua ends the program: it is raised by longjmp, for which wasm needs its exceptions.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/../debian-source.sh" lua5.4 "$1")
cd "$1"
flags=(
  --target=wasm32-wasi -O2 -I"$here/include" -Isource/src -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS
  '-Dluai_jmpbuf=int' '-DLUAI_THROW(L,c)=__builtin_trap()' '-DLUAI_TRY(L,c,a)={ a }'
  -DLUA_TMPNAMBUFSIZE=1 '-Dlua_tmpnam(name,failed)={ (void)name; failed = 1; }' '-Dluai_makeseed(L)=0u' -Wno-deprecated-declarations
)
mkdir -p objects
rm -f objects/*
for source in source/src/*.c "$here/missing.c"; do
  case $source in */luac.c) continue ;; esac
  clang-19 "${flags[@]}" -c "$source" -o "objects/$(basename "$source" .c).o"
done
clang-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=1048576 objects/*.o \
  -lwasi-emulated-signal -lwasi-emulated-process-clocks -o program.wasm
echo "Lua $version" >version
