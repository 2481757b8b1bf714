# Sourced by campaigns that run wasm-pgo-fuzz piece by piece. A piece is a range of seeds. Finished pieces have a line in
# FOLDER/piece-N.json and are not run again, so a campaign can be stopped at any time and restarted; several may share
# a folder. Findings are in FOLDER/findings.
#
#   run_pieces FOLDER SEEDS SUBCOMMAND     pieces of SEEDS seeds until is_enough; returns 1 if anything was found
#
# The caller defines is_enough, and summary, which prints the totals of all pieces.

# The sum of a number over all pieces.
total() { cat "$folder"/piece-*.json 2>/dev/null | grep -o "\"$1\": [0-9]*" | awk '{ sum += $2 } END { print sum + 0 }'; }

run_pieces() {
  folder=$(mkdir -p "$1" && cd "$1" && pwd)
  local seeds=$2 subcommand=$3 piece status
  # A copy, so that building the project does not change what runs.
  program=$(mktemp "$folder/wasm-pgo-fuzz.XXXXXX")
  trap 'rm -f "$program"' EXIT
  cp .build/release/wasm-pgo-fuzz "$program"
  chmod +x "$program"
  # The compiler's files are small and live for milliseconds.
  if [[ -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi

  for ((piece = 0; ; piece++)); do
    if is_enough; then break; fi
    [[ -s $folder/piece-$piece.json ]] && continue
    exec 9> "$folder/piece-$piece.lock"
    flock -n 9 || continue
    [[ -s $folder/piece-$piece.json ]] && continue
    status=0
    "$program" "$subcommand" --seed $((piece * seeds + 1)) --count "$seeds" --output "$folder/findings" \
      > "$folder/piece-$piece.log" 9>&- || status=$?
    # Killed by a signal: not finished.
    if ((status > 1)); then
      echo "${0##*/}: piece $piece ended with status $status; see $folder/piece-$piece.log" >&2
      exit $status
    fi
    tail -n 1 "$folder/piece-$piece.log" > "$folder/piece-$piece.json.new"
    mv "$folder/piece-$piece.json.new" "$folder/piece-$piece.json"
    rm -f "$folder/piece-$piece.lock"
    echo "piece $piece: $(summary)"
  done
  summary
  (($(total findings) == 0))
}
