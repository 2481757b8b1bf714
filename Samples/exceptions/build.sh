#!/bin/sh
# Builds exceptions.wasm and, with the instructions that try_table replaced, exceptions-legacy.wasm. Why in two steps: see
# Benchmarks/kernels/build.sh.
# Needs (Debian 12): clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32; and PyPI's
# ziglang in out/venv, whose clang 22 has the new form: Debian's compilers, and its binaryen, do not.
set -eu
cd "$(dirname "$0")"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
python=../../out/venv/bin/python
[ -x "$python" ] || python3 -m venv ../../out/venv
"$python" -m pip install --quiet --disable-pip-version-check ziglang==0.17.1
flags="-O2 -std=c++17 -fwasm-exceptions"
headers=/usr/include/wasm32-wasi
# What clang's driver derives from -fwasm-exceptions.
form="-mcpu=generic+exception_handling+multivalue+reference_types+bulk_memory -mllvm -wasm-enable-eh -mllvm -wasm-use-legacy-eh=false"
for source in exceptions runtime; do
  clang++-19 --target=wasm32-wasi $flags -Wall -Wextra -c $source.cpp -o "$objects/$source-legacy.o"
  "$python" -m ziglang c++ -target wasm32-wasi $flags $form -nostdinc -isystem $headers/c++/v1 \
    -isystem "$(clang-19 -print-resource-dir)/include" -isystem $headers -c $source.cpp -o "$objects/$source.o"
done
clang++-19 --target=wasm32-wasi -Wl,--strip-debug "$objects/exceptions-legacy.o" "$objects/runtime-legacy.o" -o exceptions-legacy.wasm
clang++-19 --target=wasm32-wasi -Wl,--strip-debug "$objects/exceptions.o" "$objects/runtime.o" -o exceptions.wasm
chmod 644 exceptions.wasm exceptions-legacy.wasm
