#!/usr/bin/env bash
# Runs the fuzzer piece by piece until enough was checked, and prints the totals: fuzz-campaign.sh [FOLDER [MODULES [DEOPTS]]]
#
# A piece is a range of seeds. Those that are done have a line in FOLDER/piece-N.json and are not run again, so the script can be ended at
# any time and started again; several may run at once in one folder. What was found is in FOLDER/findings. Ends with 1 if anything was.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mkdir -p "${1:-out/fuzz}" && cd "${1:-out/fuzz}" && pwd)
modules=${2:-200000}
deopts=${3:-5000000}
seeds=1000

# What runs stays as it is while the project is built.
program=$(mktemp "$folder/wasm-pgo-fuzz.XXXXXX")
trap 'rm -f "$program"' EXIT
cp .build/release/wasm-pgo-fuzz "$program"
chmod +x "$program"
# The compiler's files are small and live for milliseconds.
if [[ -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi

# The sum of a number over all pieces.
total() { cat "$folder"/piece-*.json 2>/dev/null | grep -o "\"$1\": [0-9]*" | awk '{ sum += $2 } END { print sum + 0 }'; }

summary() {
  echo "$(total seeds) seeds, $(total cases) that deoptimized with $(total modules) modules, $(total deopts) deopts ($(total forced) forced)," \
    "$(total points) deopt points, $(total trapped) cases that trapped with $(total traps) traps" \
    "($(total deoptsBeforeTraps) deopts before them), $(total findings) findings, $(total seconds) s"
}

for ((piece = 0; ; piece++)); do
  if (($(total modules) >= modules && $(total deopts) >= deopts)); then break; fi
  [[ -s $folder/piece-$piece.json ]] && continue
  exec 9> "$folder/piece-$piece.lock"
  flock -n 9 || continue
  [[ -s $folder/piece-$piece.json ]] && continue
  status=0
  "$program" run --seed $((piece * seeds + 1)) --count $seeds --output "$folder/findings" \
    > "$folder/piece-$piece.log" 9>&- || status=$?
  # Ended by a signal: not done.
  if ((status > 1)); then
    echo "fuzz-campaign: piece $piece ended with status $status; see $folder/piece-$piece.log" >&2
    exit $status
  fi
  tail -n 1 "$folder/piece-$piece.log" > "$folder/piece-$piece.json.new"
  mv "$folder/piece-$piece.json.new" "$folder/piece-$piece.json"
  rm -f "$folder/piece-$piece.lock"
  echo "piece $piece: $(summary)"
done
summary
(($(total findings) == 0))
