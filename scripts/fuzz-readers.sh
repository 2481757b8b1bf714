#!/usr/bin/env bash
# Readers of modules, profiles and artefacts under libFuzzer and AddressSanitizer:
#   fuzz-readers.sh build                      into a build folder of its own, .build-fuzz
#   fuzz-readers.sh run READER SECONDS [RUNS]  one of: module profile counters artefact tables frame-states; until the first of both
#   fuzz-readers.sh keep READER [BYTES]        the inputs below BYTES that the corpus needs to cover what it does, to be committed
#   fuzz-readers.sh mutate READER SECONDS      the corpus changed at random, without libFuzzer: fast, and blind
# Corpora grow in out/fuzz/READER, findings are put into out/fuzz/findings. An input that takes more than 5 seconds of processor
# time (the sanitizer slows it down), or asks for 256 MB at once, is a finding too.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build-fuzz
kept=Tests/ReaderTests/Corpus  # a file for each reader, a line in base64 for each input
fuzzer=$folder/release/wasm-pgo-fuzz-readers
# Swift's own report of a crash takes minutes under the sanitizer.
export SWIFT_BACKTRACE=enable=no
# Artefacts are mapped, which the sanitizer counts in no limit; Swift keeps type metadata for good.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16

build() {
  swift build -c release --scratch-path "$folder" --product wasm-pgo-fuzz-readers --sanitize address \
    -Xswiftc -sanitize=fuzzer -Xswiftc -DLIBFUZZER -Xswiftc -use-ld=lld 2>&1 | scripts/quiet.sh
}

case ${1:-} in
build) build ;;
run)
  reader=$2
  corpus=out/fuzz/$reader
  mkdir -p "$corpus" out/fuzz/findings
  .build/release/wasm-pgo-fuzz-readers seeds "$reader" "$corpus"
  number=0
  while read -r line; do
    number=$((number + 1))  # not in the redirection, which the child expands
    base64 -d <<<"$line" >"$corpus/kept-$number"
  done < <(cat "$kept/$reader.txt" 2>/dev/null || true)
  WASM_PGO_READER=$reader nice -n 19 "$fuzzer" -max_total_time="$3" -runs="${4:--1}" -timeout=600 -rss_limit_mb=1024 -malloc_limit_mb=256 \
    -max_len=16384 -use_value_profile=1 -artifact_prefix="out/fuzz/findings/$reader-" -print_final_stats=1 "$corpus"
  ;;
mutate)
  mkdir -p out/fuzz/findings
  .build/release/wasm-pgo-fuzz-readers seeds "$2" "out/fuzz/$2"
  nice -n 19 .build/release/wasm-pgo-fuzz-readers mutate "$2" "$3" "out/fuzz/$2" "out/fuzz/findings/$2-current"
  ;;
keep)
  small=out/fuzz/$2.small
  rm -rf "$small"
  mkdir -p "$small" "$kept"
  WASM_PGO_READER=$2 "$fuzzer" -merge=1 "$small" "out/fuzz/$2"
  find "$small" -type f -size -"${3:-256}"c -exec sh -c 'base64 -w0 "$1"; echo' - {} \; | LC_ALL=C sort >"$kept/$2.txt"
  ;;
*)
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 64
  ;;
esac
