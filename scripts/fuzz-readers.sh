#!/usr/bin/env bash
# Readers of modules, profiles and artefacts under libFuzzer and AddressSanitizer:
#   fuzz-readers.sh build                      into a build folder of its own, .build-fuzz
#   fuzz-readers.sh run READER SECONDS         one of: module profile counters artefact tables frame-states
#   fuzz-readers.sh minimize READER            keeps of a corpus what covers as much, in out/fuzz/READER.small
#   fuzz-readers.sh mutate READER SECONDS      the corpus changed at random, without libFuzzer: fast, and blind
# Corpora grow in out/fuzz/READER, findings are put into out/fuzz/findings. An input that takes more than 5 seconds (the sanitizer
# and other processes slow it down), or asks for 256 MB at once, is a finding too.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build-fuzz
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
  [[ ! -d Tests/ReaderFuzz/corpus/$reader ]] || cp -n Tests/ReaderFuzz/corpus/"$reader"/* "$corpus"
  WASM_PGO_READER=$reader nice -n 19 "$fuzzer" -max_total_time="$3" -timeout=5 -rss_limit_mb=1024 -malloc_limit_mb=256 \
    -max_len=16384 -use_value_profile=1 -artifact_prefix="out/fuzz/findings/$reader-" -print_final_stats=1 "$corpus"
  ;;
mutate)
  mkdir -p out/fuzz/findings
  .build/release/wasm-pgo-fuzz-readers seeds "$2" "out/fuzz/$2"
  nice -n 19 .build/release/wasm-pgo-fuzz-readers mutate "$2" "$3" "out/fuzz/$2" "out/fuzz/findings/$2-current"
  ;;
minimize)
  mkdir -p "out/fuzz/$2.small"
  WASM_PGO_READER=$2 "$fuzzer" -merge=1 "out/fuzz/$2.small" "out/fuzz/$2"
  ;;
*)
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 64
  ;;
esac
