#!/usr/bin/env bash
# A filter for `swift build` and `swift test`: drops progress lines ("[12/340] Compiling …") and the lines of tests that
# start or pass; warnings, errors, failures, skips and the run's summary stay.
LC_ALL=C exec awk '
  /^\[[0-9]+\/[0-9]+\] / { next }
  /^(Building|Planning|Fetching|Fetched|Computing|Computed|Creating|Updating|Updated|Working copy)/ { next }
  # Swift Testing: a sign, then "Test NAME started." or "Suite NAME passed after …"; "Test run with …" is the summary.
  /^[^ ]+ (Test|Suite) / && !/^[^ ]+ Test run / && (/ started\.$/ || / passed after [0-9.]+ seconds/) { next }
  { print; fflush() }
'
