#!/usr/bin/env bash
# Fails if a public declaration in Sources has no docstring: check-docstrings.sh [--list]. What implements a requirement of Swift's
# protocols or of ArtefactRow is documented there.
set -euo pipefail
cd "$(dirname "$0")/.."

find Sources -name '*.swift' | LC_ALL=C sort | xargs awk -v list="${1:-}" '
  FNR == 1 { documented = 0; split(FILENAME, parts, "/"); module = parts[2] }
  /^ *\/\/\// { documented = 1; next }
  # Attributes and conditions may stand between a docstring and its declaration.
  /^ *(@[A-Za-z]+(\([^)]*\))? *)+$/ || /^ *#(if|else|endif)/ { next }
  /public var (description: String|startIndex|endIndex)|public static func (==|<) |public func hash\(into/ ||
    /public static var wordCount|public init\(words: UnsafePointer<UInt32>\)|public func append\(to words/ ||
    /public init\(stringLiteral/ { documented = 0; next }
  /^ *(@[A-Za-z]+(\([^)]*\))? +)*public +/ && !/public +(import|extension)/ {
    total++
    if (!documented) {
      missing++
      of[module]++
      if (list == "--list") { line = $0; sub(/^ +/, "", line); print FILENAME ":" FNR ": " line }
    }
  }
  { documented = 0 }
  END {
    for (module in of) summary = summary ", " module " " of[module]
    printf "check-docstrings: %d of %d public declarations have no docstring%s\n", missing, total,
      summary == "" ? "" : ": " substr(summary, 3)
    if (missing > 0) exit 1
  }'
