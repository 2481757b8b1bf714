#!/usr/bin/env bash
# Runs the fuzzer until enough modules and deopts were checked, and prints the totals: fuzz-campaign.sh [FOLDER [MODULES [DEOPTS]]]
# Can be stopped and restarted: scripts/pieces.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/pieces.sh

modules=${2:-200000}
deopts=${3:-5000000}

is_enough() { (($(total modules) >= modules && $(total deopts) >= deopts)); }

summary() {
  echo "$(total seeds) seeds, $(total cases) that deoptimized with $(total modules) modules, $(total deopts) deopts ($(total forced) forced)," \
    "$(total points) deopt points, $(total trapped) cases that trapped with $(total traps) traps" \
    "($(total deoptsBeforeTraps) deopts before them), $(total findings) findings, $(total seconds) s"
}

run_pieces "${1:-out/fuzz}" 1000 run
