#!/usr/bin/env bash
# Builds Debian's sqlite3 (its amalgamation) with a workload of ours as a WASI command:
# build.sh DIRECTORY (gets program.wasm and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$("$here/../debian-source.sh" sqlite3 "$1")
cd "$1"
mkdir -p amalgamation
(cd amalgamation && ../source/configure --disable-tcl && make sqlite3.c) >amalgamation.log 2>&1 || { tail -n 5 amalgamation.log >&2; exit 1; }
# One thread, no shared memory and no locks: the file is this program's alone (VFS unix-none). Temporary tables and sorters
# stay in memory: no directory that SQLite looks for is there.
flags=(
  --target=wasm32-wasi -O2 -Iamalgamation -include "$here/missing.h"
  -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_DEFAULT_UNIX_VFS='"unix-none"'
  -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_TEMP_STORE=2 -DSQLITE_ENABLE_MATH_FUNCTIONS -D_WASI_EMULATED_GETPID
)
clang-19 "${flags[@]}" -w -c amalgamation/sqlite3.c -o sqlite3.o
clang-19 "${flags[@]}" -Wall -Wextra -c "$here/workload.c" -o workload.o
clang-19 "${flags[0]}" -Wl,--strip-debug -Wl,-z,stack-size=1048576 sqlite3.o workload.o -lwasi-emulated-getpid -o program.wasm
echo "SQLite $version" >version
