#!/usr/bin/env bash
# Measures `profile merge` on generated profiles: merge-scale.sh [PROFILES] [FUNCTIONS] [FOLDER]. Needs a release build, and two
# megabytes of disk for each profile of 40,000 functions. Prints time and memory, and checks that merging halves gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-10000} functions=${2:-40000} folder=${3:-$(mktemp -d)}
bin=$PWD/.build/release
"$bin/wasm-pgo-fuzz" generate-profiles --count "$count" --functions "$functions" "$folder"
cd "$folder"
find . -name '*.wasmprof' | sort >list
du -sh --apparent-size . | awk '{ print "profiles: " $1 }'
python3 - "$bin/wasm-pgo" <<'PYTHON'
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run([sys.argv[1], "profile", "merge", "--inputs", "list", "-o", "all"], check=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"merge: {time.monotonic() - start:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of CPU time, "
      f"{usage.ru_maxrss / 1024:.0f} MiB")
PYTHON
half=$((count / 2))
head -n "$half" list >first
tail -n +"$((half + 1))" list >second
for part in first second; do "$bin/wasm-pgo" profile merge --inputs "$part" -o "$part.sum"; done
"$bin/wasm-pgo" profile merge second.sum first.sum -o halves
cmp all halves && echo "the sum of the sums of halves: the same bytes"
