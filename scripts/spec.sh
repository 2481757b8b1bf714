#!/usr/bin/env bash
# Runs the official test suite on every tier, after `swift build --build-tests`: spec.sh. SPEC_TESTSUITE names its folder; without it,
# this says where to get the suite. Nothing is fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

value() { sed -n "s/^$1 //p" Tests/SpecSuiteTests/suite.txt; }

if [[ -z ${SPEC_TESTSUITE:-} || ! -f $SPEC_TESTSUITE/manifest.json ]]; then
  cat >&2 <<END
spec: ${SPEC_TESTSUITE:+no manifest.json in '$SPEC_TESTSUITE'. }set SPEC_TESTSUITE to the folder of the official suite:
  make spec SPEC_TESTSUITE=FOLDER
  The suite is $(value repository), commit $(value commit) ($(value date)).
  Tests/SpecSuiteTests/README.md says in which form the folder must be.
END
  exit 66
fi
if ! grep -q "$(value commit)" "$SPEC_TESTSUITE/manifest.json"; then
  echo "spec: warning: $SPEC_TESTSUITE/manifest.json does not name commit $(value commit)" >&2
fi
export SPEC_TESTSUITE
swift build -c release -Xswiftc -enable-testing --build-tests 2>&1 | scripts/quiet.sh
# Also the decoder's and the text format's tests with the suite.
swift test -c release -Xswiftc -enable-testing --skip-build --disable-xctest --filter 'SpecSuiteTests|WasmTests' 2>&1 | scripts/quiet.sh
