#!/usr/bin/env bash
# Fetches a package from PyPI, without what it depends on, and unpacks it: pypi-package.sh PACKAGE==VERSION DIRECTORY [source]
# DIRECTORY gets the folder package. With `source` it is the source distribution, else the wheel, whose files lose their mode.
set -euo pipefail
python=$(cd "$(dirname "$0")/../.." && pwd)/out/venv/bin/python
cd "$2"
rm -rf package download
[[ ${3:-} == source ]] && kind=(--no-binary :all:) || kind=(--only-binary :all:)
"$python" -m pip download --quiet --disable-pip-version-check --no-deps "${kind[@]}" --dest download "$1"
case $(ls download) in
*.whl) "$python" -m zipfile -e download/* package ;;
*) mkdir package && tar -xf download/* -C package --strip-components 1 ;;
esac
rm -r download
