#!/usr/bin/env bash
# Merges 1,000 generated profiles by Apache Beam's local runner (Samples/fleet/merge_profiles.py), and compares the sum with that of
# `wasm-pgo profile merge`; then that a profile which is damaged, and a folder without profiles, are errors. Needs a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.build/release
venv=$PWD/out/venv-fleet
job=$PWD/Samples/fleet/merge_profiles.py
if ! "$venv/bin/python" -c 'import apache_beam' 2>/dev/null; then
  echo "test-fleet: installing Apache Beam from PyPI into out/venv-fleet"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'apache-beam==2.*'
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$bin/wasm-pgo-fuzz" generate-profiles --count 1000 --functions 400 "$folder/profiles"
find "$folder/profiles" -name '*.wasmprof' >"$folder/list"
"$bin/wasm-pgo" profile merge --inputs "$folder/list" -o "$folder/expected"
run() {
  "$venv/bin/python" "$job" --wasm-pgo "$bin/wasm-pgo" --runner DirectRunner \
    --profiles "$1" --output "$folder/$2" >"$folder/log" 2>&1
}
run "$folder/profiles/*.wasmprof" sum || { tail -n 20 "$folder/log" >&2; exit 1; }
cmp "$folder/sum" "$folder/expected"
echo "test-fleet: 1000 profiles, $(stat -c %s "$folder/sum") bytes: the same as profile merge"
fails() {
  if run "$1" "$2"; then
    echo "test-fleet: $1 is no error" >&2
    exit 1
  fi
  if [[ -e $folder/$2 ]]; then
    echo "test-fleet: $1 wrote a profile" >&2
    exit 1
  fi
}
fails "$folder/nothing/*.wasmprof" none
truncate -s -1 "$folder/profiles/7.wasmprof"
fails "$folder/profiles/*.wasmprof" damaged
grep -q 'profile merge failed: error: profile has ' "$folder/log"
echo "test-fleet: damaged and missing profiles are errors"
