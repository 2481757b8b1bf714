#!/usr/bin/env bash
# The Swift API's documentation, as DocC makes it of docstrings and of Sources/Runtime/Runtime.docc: docs.sh BUILD FOLDER
#
# BUILD is a folder of SwiftPM with the compiled modules (.build/release). FOLDER/runtime and FOLDER/wasi are web sites, for any server of files. Any
# warning is an error: a link that leads nowhere, a topic that is not there; and so is an article's listing that does not compile. Nothing else is
# compiled, and the package depends on nothing for this.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 folder=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Modules of C that those of Swift need.
maps=()
for map in Sources/*/include/module.modulemap Sources/*/module.modulemap "$build"/*.build/module.modulemap \
  .build/checkouts/swift-system/Sources/CSystem/include/module.modulemap; do
  [[ -f $map ]] && maps+=(-Xcc "-fmodule-map-file=$map")
done

# The listings of an article are one file.
for article in Sources/Runtime/Runtime.docc/*.md; do
  listing=$scratch/$(basename "$article" .md).swift
  sed -n '/^```swift$/,/^```$/p' "$article" | grep -v '^```' >"$listing" || continue
  swiftc -typecheck -swift-version 6 -parse-as-library -warnings-as-errors -I "$build/Modules" "${maps[@]}" "$listing" ||
    { echo "docs: a listing of $article does not compile" >&2; exit 1; }
done

# convert MODULE NAME [CATALOGUE]
# Parameters are described where there is something to say, so that a missing one is no warning.
convert() {
  mkdir -p "$scratch/$1" "$folder"
  swift-symbolgraph-extract -module-name "$1" -I "$build/Modules" "${maps[@]}" -target "$(uname -m)-unknown-linux-gnu" \
    -minimum-access-level public -skip-synthesized-members -omit-extension-block-symbols -output-dir "$scratch/$1"
  rm -rf "${folder:?}/$2"
  docc convert ${3:+"$3"} --additional-symbol-graph-dir "$scratch/$1" --fallback-display-name "$1" \
    --fallback-bundle-identifier "wasm-pgo.$1" --warnings-as-errors --disable-parameters-and-returns-validation \
    --output-path "$folder/$2"
}

convert Runtime runtime Sources/Runtime/Runtime.docc
convert WASI wasi
echo "docs: $folder/runtime, $folder/wasi"
