#!/usr/bin/env bash
# Fails if a test uses a wall clock, or sleeps, outside the files below: on a busy machine a test may be delayed for any length of time.
# Measure what must be fast in processor time (`ProcessorTime`), and wait for events (`waitUntil`).
set -euo pipefail
cd "$(dirname "$0")/.."

# Each with its reason.
allowed=(
  Tests/TestSupport/ProcessorTimeLimit.swift   # pauses between two looks at a clock of processor time
  Tests/TestSupport/Waiting.swift              # pauses, and a limit that ends what hangs
  Tests/AOTTests/InterruptionTests.swift       # nothing is interrupted too early; how late is printed
  Tests/WASITests/PollTests.swift              # nothing returns too early
  Tests/WASITests/WaitingTests.swift           # the same
  Tests/CommandLineTests/OutputTests.swift     # a signal should arrive at different places
  Tests/Fuzz/Campaign.swift                    # the option --seconds
  Tests/Fuzz/Floats.swift                      # how long a campaign took is printed
  Tests/RuntimeTests/SignalRateTests.swift     # a signal should hit a thread that waits in read(); an earlier one does no harm
  Tests/ReaderFuzz/ReaderFuzz.swift            # the argument SECONDS
)
clocks='ContinuousClock|SuspendingClock|\bDate\(|timeIntervalSince|DispatchTime|monotonicNanoseconds|WASIClock\.system\.time'
clocks+='|CLOCK_(MONOTONIC|REALTIME|BOOTTIME)|gettimeofday|\btime\(nil|\b(u|nano|clock_nano)?sleep\(|Task\.sleep'
clocks+='|\.timeLimit|\balarm\(|setitimer'

found=$(grep -rnE "$clocks" --include='*.swift' Tests Benchmarks | grep -vF "$(printf '%s:\n' "${allowed[@]}")" || true)
if [[ -n $found ]]; then
  echo "$found" >&2
  echo "check-clocks: tests must pass on a busy machine: see scripts/check-clocks.sh" >&2
  exit 1
fi
for file in "${allowed[@]}"; do
  if ! grep -qE "$clocks" "$file"; then
    echo "check-clocks: $file uses no clock any more: remove it from the list in scripts/check-clocks.sh" >&2
    exit 1
  fi
done
echo "check-clocks: ok"
