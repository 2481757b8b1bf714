#!/usr/bin/env bash
# A filter for `swift build` and `swift test`: drops progress lines ("[12/340] Compiling …") and the lines of tests that
# start or pass; warnings, errors, failures and summaries stay.
exec grep -avE --line-buffered \
  -e '^\[[0-9]+/[0-9]+\] ' -e '^(Building|Planning|Fetching|Fetched|Computing|Computed|Creating|Updating|Updated|Working copy)' \
  -e '^. (Test|Suite) .* started\.$' -e '^. (Test|Suite) .* passed after ' -e '^. Test case passing ' \
  -e '^Test (Case|Suite) .* (started|passed)' -e '^. Passing ' || [ $? -eq 1 ]
