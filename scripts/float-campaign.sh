#!/usr/bin/env bash
# Checks random float expressions until a number is reached, and prints the totals: float-campaign.sh [FOLDER [EXPRESSIONS]]
# Can be stopped and restarted: scripts/pieces.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/pieces.sh

expressions=${2:-10000000}

is_enough() { (($(total expressions) >= expressions)); }

summary() {
  echo "$(total seeds) modules, $(total expressions) expressions, $(total findings) findings, $(total seconds) s"
}

run_pieces "${1:-out/floats}" 200 floats
