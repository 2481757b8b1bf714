#!/usr/bin/env bash
# Runs earlier findings against the executables: check-findings.sh FOLDER
#
# FOLDER has a folder for each finding. Those with module.wat (or .wasm), calls.txt and expected.txt are run. A line of calls.txt is
# an export and its arguments; a line of expected.txt is its outcome, `NAME = RESULTS` or `NAME = trap MESSAGE`; an indented line is the state
# afterwards. Runs on the baseline, compiled without a profile, and with a profile of train.txt if that exists. Exit code 1 if anything differs.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .build/release/wasm-pgo-fuzz findings "$@"
