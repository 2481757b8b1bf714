#!/usr/bin/env bash
# Fails if a test uses a clock of the wall, or sleeps, outside of the files below: on a busy machine a test may have to wait for as long as
# the machine likes. What must be fast is measured in processor time (`ProcessorTime`), what must come about is waited for (`waitUntil`).
set -euo pipefail
cd "$(dirname "$0")/.."

# Each with what it has the clock for.
allowed=(
  Tests/TestSupport/ProcessorTimeLimit.swift   # pauses between two looks at a clock of processor time
  Tests/TestSupport/Waiting.swift              # pauses, and a limit that ends what hangs
  Tests/AOTTests/InterruptionTests.swift       # nothing is interrupted too early; how late is printed
  Tests/WASITests/PollTests.swift              # nothing returns too early
  Tests/WASITests/WaitingTests.swift           # the same
  Tests/CommandLineTests/OutputTests.swift     # a signal is to come at different places
  Tests/Fuzz/Campaign.swift                    # the option --seconds
  Tests/Fuzz/Floats.swift                      # how long a campaign took is printed
  Tests/RuntimeTests/SignalRateTests.swift     # a signal is to meet a thread that waits in read(); it may come earlier as well
  Tests/ReaderFuzz/ReaderFuzz.swift            # the argument SECONDS
)
clocks='ContinuousClock|SuspendingClock|\bDate\(|timeIntervalSince|DispatchTime|monotonicNanoseconds|WASIClock\.system\.time'
clocks+='|CLOCK_(MONOTONIC|REALTIME|BOOTTIME)|gettimeofday|\btime\(nil|\b(u|nano|clock_nano)?sleep\(|Task\.sleep'
clocks+='|\.timeLimit|\balarm\(|setitimer'

found=$(grep -rnE "$clocks" --include='*.swift' Tests Benchmarks | grep -vF "$(printf '%s:\n' "${allowed[@]}")" || true)
if [[ -n $found ]]; then
  echo "$found" >&2
  echo "check-clocks: tests must hold on a busy machine: see scripts/check-clocks.sh" >&2
  exit 1
fi
for file in "${allowed[@]}"; do
  if ! grep -qE "$clocks" "$file"; then
    echo "check-clocks: $file needs no clock any more: take it off the list in scripts/check-clocks.sh" >&2
    exit 1
  fi
done
echo "check-clocks: ok"
