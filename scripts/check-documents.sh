#!/usr/bin/env bash
# Fails if a document names something that does not exist: check-documents.sh [FILE.md …] (default: all). Checked are
#   - relative links, and paths of files, also those of documents in comments and messages of the sources;
#   - options (--name), against the options that the executables and scripts declare;
#   - make targets;
#   - Swift types, members and functions in backticks, against declarations and words of the sources.
# Needs nothing but bash, grep, sed and awk.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

# Options of other programs that documents name.
other_options=(
  --help --version --generate-completion-script           # the argument parser's
  --no-show-raw-insn --disassemble --args                 # objdump, gdb
  --call-graph --jit                                      # perf
  --tool --suppressions                                   # valgrind
  --denan                                                 # wasm-opt
  --skip-build --disable-xctest --filter                  # swift test
  --change                                                # Samples/shapes
  --fast                                                  # a guest's argument in an example
)
# Names of others: LLVM, C, the argument parser, classes of the sample.
other_names=(
  isGuaranteedToTransferExecutionToSuccessor isSafeToSpeculativelyExecute hasPartialIVCondition SemanticInterposition
  Debian MemoryDenyWriteExecute
)
# Paths that exist only after something ran, or on a user's machine.
other_paths='^(out|build|\.build|\.build-static|\.build-fuzz|dev|tmp|usr|\.\.)(/|$)'

folders='Sources|Tests|scripts|Samples|Benchmarks|profiles|toolchain-docs'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
complain() {
  echo "$1: $2" >&2
  status=1
}

if (($#)); then documents=("$@"); else
  mapfile -t documents < <(find . -name '*.md' -not -path './.*' -not -path './out/*' | sed 's|^\./||' | sort)
fi

# What exists: words, declared types, options, file names, make targets.
find Sources Tests Benchmarks scripts Samples Makefile Package.swift \
  \( -name '*.swift' -o -name '*.[chS]' -o -name '*.cpp' -o -name '*.py' -o -name '*.sh' -o -name Makefile \) \
  -not -path '*/out/*' >"$scratch/sources"
xargs grep -ohE '[A-Za-z_][A-Za-z0-9_]*' <"$scratch/sources" | sort -u >"$scratch/words"
xargs grep -ohE '(class|struct|enum|protocol|actor|typealias|target\(name:|testTarget\(name:|library\(name:) *"?[A-Z][A-Za-z0-9_]*' \
  <"$scratch/sources" | sed -E 's/.*[ "]//' | cat - <(ls Sources) | sort -u >"$scratch/types"
find . -type f -not -path './.build*' -not -path './.git/*' -not -path './out/*' | sed 's|.*/||' | sort -u >"$scratch/names"
grep -oE '^[a-z-]+:' Makefile | tr -d : | sort -u >"$scratch/targets"
{
  # @Option and @Flag: the name is customLong's, or the property's with dashes.
  grep -lE '@(Option|Flag)' $(grep '\.swift$' "$scratch/sources") | xargs awk '
    /@(Option|Flag)/ { pending = 1 }
    pending && match($0, /customLong\("[^"]*"/) { print "--" substr($0, RSTART + 12, RLENGTH - 13); pending = 0 }
    pending && match($0, /var [a-zA-Z0-9]+/) {
      name = substr($0, RSTART + 4, RLENGTH - 4)
      while (match(name, /[A-Z]/))
        name = substr(name, 1, RSTART - 1) "-" tolower(substr(name, RSTART, 1)) substr(name, RSTART + 1)
      print "--" name
      pending = 0
    }'
  grep '\.py$' "$scratch/sources" | xargs grep -ohE 'add_argument\("--[a-z0-9-]+' | sed 's/.*"//'
  # Parsed by hand.
  xargs grep -ohE 'case "--[a-z0-9-]+"|== "--[a-z0-9-]+"|"--[a-z0-9-]+":' <"$scratch/sources" | grep -oE -- '--[a-z0-9-]+'
  printf '%s\n' "${other_options[@]}"
} | sort -u >"$scratch/options"
printf '%s\n' "${other_names[@]}" | sort -u >"$scratch/others"

knows() { grep -qxF -e "$2" "$scratch/$1"; }
# A path, perhaps with wildcards, from the root or beside the document.
exists() { compgen -G "$1" >/dev/null || compgen -G "$(dirname "$2")/$1" >/dev/null; }

for document in "${documents[@]}"; do
  # Links.
  while read -r target; do
    target=${target%%#*}
    [[ -z $target || $target == *:* ]] && continue
    [[ -e $(dirname "$document")/$target ]] || complain "$document" "link to '$target', which does not exist"
  done < <(grep -oE '\]\([^)]+\)' "$document" | sed -E 's/^\]\(//; s/\)$//' || true)

  # Paths from the root, anywhere in the text.
  while read -r path; do
    exists "$path" "$document" || complain "$document" "'$path' does not exist"
  done < <(sed -E 's/\]\([^)]*\)//g' "$document" | grep -oE "(^|[^A-Za-z0-9_./-])($folders)/[A-Za-z0-9_.+*/-]*" |
    sed -E "s/^[^A-Za-z]//; s/[.]+$//" | sort -u || true)

  # Options and make targets, anywhere.
  while read -r option; do
    knows options "$option" || complain "$document" "option '$option' is not declared"
  done < <(grep -oE '(^|[^A-Za-z0-9_-])--[a-z][a-z0-9-]*' "$document" | grep -oE -- '--[a-z].*' | sort -u || true)
  while read -r target; do
    knows targets "$target" || complain "$document" "'make $target' is not a target"
  done < <(grep -oE '(^|`)make [a-z-]+' "$document" | sed 's/.*make //' | sort -u || true)

  # What stands in backticks outside of listings.
  awk '/^ *```/ { listing = !listing; next } !listing' "$document" | grep -oE '`[^`]+`' | tr -d '`' | sort -u >"$scratch/spans" || true
  while read -r span; do
    if [[ $span =~ ^[A-Za-z0-9_.+-]*[A-Za-z0-9_+-]\.(swift|py|sh|c|h|S|md|cpp|gdb)$ ]]; then
      knows names "$span" || complain "$document" "there is no file named '$span'"
    elif [[ $span =~ ^[A-Za-z0-9_.+*-]+/[A-Za-z0-9_.+*/-]*$ ]]; then
      [[ $span =~ $other_paths ]] || exists "$span" "$document" || complain "$document" "'$span' does not exist"
    elif [[ $span =~ ^([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)((\.[a-z][A-Za-z0-9]*)*)(\(.*\))?$ ]]; then
      type=${BASH_REMATCH[1]} members=${BASH_REMATCH[2]}
      knows types "$type" || knows others "$type" || complain "$document" "there is no type '$type'"
      for member in ${members//./ }; do
        knows words "$member" || complain "$document" "'$type' has no '$member'"
      done
    elif [[ $span =~ ^[a-z][a-z0-9]*[A-Z][A-Za-z0-9]*(\(.*\))?$ ]]; then
      name=${span%%(*}
      knows words "$name" || knows others "$name" || complain "$document" "nothing is named '$name'"
    fi
  done <"$scratch/spans"
done

# Documents that sources refer to.
if ((!$#)); then
  while IFS=: read -r file path; do
    [[ -e $path ]] || complain "$file" "'$path' does not exist"
  done < <(xargs grep -oE 'toolchain-docs/[A-Za-z0-9_./-]*\.md' <"$scratch/sources" | sort -u)
fi

((status)) || echo "check-documents: ok"
exit $status
