#!/usr/bin/env bash
# Filters the output of `swift build` and `swift test`: drops progress lines ("[12/340] Compiling …") and lines of tests that
# start or pass; keeps warnings, errors, failures, skips and the summary.
LC_ALL=C exec awk '
  /^\[[0-9]+\/[0-9]+\] / { next }
  /^(Building|Planning|Fetching|Fetched|Computing|Computed|Creating|Updating|Updated|Working copy)/ { next }
  # Swift Testing: a sign, then "Test NAME started." or "Suite NAME passed after …"; "Test run with …" is the summary.
  /^[^ ]+ (Test|Suite) / && !/^[^ ]+ Test run / && (/ started\.$/ || / passed after [0-9.]+ seconds/) { next }
  { print; fflush() }
'
