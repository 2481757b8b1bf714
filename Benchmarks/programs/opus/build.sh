#!/usr/bin/env bash
# Builds Debian's opus in floats, with its intrinsics of SSE2, and a workload of ours as a WASI command: build.sh DIRECTORY (gets
# program.wasm and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/../debian-source.sh" opus "$1")
cd "$1"
mkdir -p objects include
rm -f objects/*
ln -sfn /usr/include/simde include/simde
flags=(--target=wasm32-wasi -O3 -msimd128 -Isource/include)
vectors=(-I"$here/include" -Iinclude -DOPUS_X86_{MAY_HAVE,PRESUME}_SSE{,2})
options=(-DOPUS_BUILD -DVAR_ARRAYS -DHAVE_LRINT -DHAVE_LRINTF -DPACKAGE_VERSION="\"$version\"" -Isource/{celt,silk,silk/float} -Isource)
# The lists of its own Makefile.
list() { sed -n "/^$2 =/,/[^\\\\]\$/p" "source/$1" | grep -o '[a-zA-Z0-9_/]*\.c'; }
files=$(list celt_sources.mk CELT_SOURCES; echo celt/x86/pitch_sse.c celt/x86/vq_sse2.c; list silk_sources.mk SILK_SOURCES
  list silk_sources.mk SILK_SOURCES_FLOAT; list opus_sources.mk OPUS_SOURCES; list opus_sources.mk OPUS_SOURCES_FLOAT)
for file in $files; do
  clang-19 "${flags[@]}" "${options[@]}" "${vectors[@]}" -w -c "source/$file" -o "objects/$(echo "$file" | tr / - | sed 's/c$/o/')"
done
clang-19 "${flags[@]}" -Wall -Wextra -c "$here/workload.c" -o objects/workload.o
clang-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=1048576 objects/*.o -o program.wasm
echo "Opus $version, SSE2 by simde $(dpkg-query -W -f '${Version}' libsimde-dev)" >version
