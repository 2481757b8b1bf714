#!/usr/bin/env bash
# Installs missing packages by apt, and says so: setup.sh [build] [wasm] [bench] [programs] [fuzz] [fleet]
#   build   for building and testing (the default)
#   wasm    compilers for the .wasm of the samples and the kernels (they are committed; only rebuilding needs this)
#   programs  for building Debian's sources, besides wasm and bench (tclsh: SQLite's amalgamation; simde: SSE
#           intrinsics in WebAssembly)
#   fuzz    for differential runs: binaryen's wasm-opt, V8 in chromium, PyPI's wasmtime in a venv
#   fleet   for merging profiles by Apache Beam, which scripts/test-fleet.sh installs into a venv
#   bench   the peers of the benchmark: native clang, wabt's wasm2c, V8 in chromium, PyPI's wasmtime in a venv
# Without root it prints the command to run and exits with 1. Quick when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# Swift's executables link the first group; compiling and linking needs the second. The archive from swift.org contains neither.
# SwiftPM fetches packages by git over https.
swift=(libcurl4 libncurses6 libsqlite3-0 libxml2 libc6-dev libgcc-12-dev libstdc++-12-dev git ca-certificates)
# binutils: the linker that `compile` calls. gcc, g++: the C library's archives, and programs that use it. ninja-build: to test
# `compile --ninja`. valgrind: to count instructions.
build=("${swift[@]}" llvm-19-dev zlib1g-dev binutils gcc g++ ninja-build valgrind)
# libc++-19-dev-wasm32, not -14-: the two cannot be installed together.
wasm=(clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32)
# wasm-opt generates modules; wasmtime and V8 run them.
fuzz=(binaryen chromium-headless-shell python3 python3-venv)
# llvm-19 has llvm-profdata.
bench=(clang-19 llvm-19 libclang-rt-19-dev wabt chromium-headless-shell python3 python3-venv)
fleet=(python3 python3-venv)
programs=(dpkg-dev make tcl libsimde-dev)
venv=out/venv

wanted=()
pip=false
for group in "${@:-build}"; do
  case $group in
  build) wanted+=("${build[@]}") ;;
  wasm) wanted+=("${wasm[@]}") ;;
  fleet) wanted+=("${fleet[@]}") ;;
  programs) wanted+=("${programs[@]}") ;;
  bench) wanted+=("${bench[@]}") pip=true ;;
  fuzz) wanted+=("${fuzz[@]}") pip=true ;;
  *) echo "setup.sh: unknown group '$group' (build, wasm, bench, programs, fuzz or fleet)" >&2; exit 64 ;;
  esac
done

if ! command -v swift >/dev/null; then
  echo "setup: no 'swift' on the PATH. Swift 6.3 is not a Debian package: see https://www.swift.org/install" >&2
  exit 1
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done

if ((${#missing[@]})); then
  if ((EUID != 0)); then
    echo "setup: missing packages, and no root to install them. Please run:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  export DEBIAN_FRONTEND=noninteractive
  # Waits for another apt, such as a new machine's daily update.
  if ! { apt-get update && apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get failed, see above" >&2
    exit 1
  fi
fi

# A missing wasmtime is not an error: its users skip it with a message.
if $pip && ! "$venv/bin/python" -c 'import wasmtime' 2>/dev/null; then
  echo "setup: installing wasmtime from PyPI into $venv"
  python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check wasmtime ||
    echo "setup: could not install wasmtime; it will be skipped" >&2
fi
