#!/usr/bin/env bash
# Runs the whole family of pairs of an effect and a trap (Tests/TestSupport/Traps), and prints how many there are and how many
# calls differ from the baseline: trap-pairs.sh [FOLDER [JOBS]]
#
# Finished parts have a line in FOLDER/part-N.json and are not run again, so the script can be stopped at any time and
# restarted. Differences are in FOLDER/part-N.log. Exit code 1 if there are any.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mkdir -p "${1:-out/trap-pairs}" && cd "${1:-out/trap-pairs}" && pwd)
jobs=${2:-2}
# A prime: a part has members with every effect, trap and shape.
parts=127

# A copy, so that building the project does not change what runs.
program=$(mktemp "$folder/wasm-pgo-fuzz.XXXXXX")
trap 'rm -f "$program"' EXIT
cp .build/release/wasm-pgo-fuzz "$program"
chmod +x "$program"
# The compiler's files are small and live for milliseconds.
if [[ -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi

run_part() {
  local part=$1 status=0
  [[ -s $folder/part-$part.json ]] && return 0
  "$program" pairs --part "$part" --parts $parts > "$folder/part-$part.log" 2>&1 || status=$?
  # Killed by a signal, or failed: not finished.
  if ((status > 1)); then
    echo "trap-pairs: part $part ended with status $status; see $folder/part-$part.log" >&2
    return 0
  fi
  tail -n 1 "$folder/part-$part.log" > "$folder/part-$part.json"
  echo "part $part: $(cat "$folder/part-$part.json")"
}
export -f run_part
export folder program parts
seq 0 $((parts - 1)) | xargs -P "$jobs" -I {} bash -c 'run_part {}'

# The sum of a number over all parts.
total() { cat "$folder"/part-*.json | grep -o "\"$1\": [0-9]*" | awk '{ sum += $2 } END { print sum + 0 }'; }
done=$(cat "$folder"/part-*.json | wc -l)
echo "$done of $parts parts, $(total pairs) pairs, $(total calls) calls of which $(total traps) trapped," \
  "$(total deopts) deopts before traps, $(total differences) differences"
((done == parts && $(total differences) == 0))
