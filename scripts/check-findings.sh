#!/usr/bin/env bash
# Runs what was once found against the executables: check-findings.sh FOLDER
#
# FOLDER has a folder for each finding. Those with module.wat (or .wasm), calls.txt and expected.txt are run: a line of calls.txt is
# an export and its arguments, each `NAME = RESULTS` or `NAME = trap MESSAGE` of expected.txt what it comes to; an indented line is the state
# behind it. On the baseline, compiled without a profile, and with one of train.txt, if that is there. Ends with 1 if anything differs.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .build/release/wasm-pgo-fuzz findings "$@"
