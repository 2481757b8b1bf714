#!/usr/bin/env bash
# Fails if
# - the modules in toolchain-docs/architecture.md and their arrows are not those of Package.swift;
# - a target imports a module that it does not declare, or declares one that it never imports;
# - a module that servers link imports Foundation, LLVM, the compiler or what forces guards, or the built wasm-pgo links LLVM.
#
#     check-imports.sh [EXECUTABLE]
#     check-imports.sh --self-test      each kind of violation, planted in a package made for it, is found
set -euo pipefail
cd "$(dirname "$0")/.."
self=$PWD/scripts/check-imports.sh

modules=(CAPI CWasmAPI Runtime WASI Wasm WasmText X64 Bytes Contract Feedback Baseline Speculation CRuntime Files)
forbidden='Foundation|FoundationEssentials|FoundationInternationalization|CLLVM|AOT|Forcing|CForcing'
# `import X`, with attributes, access level or a kind (`import struct X.Y`) before the name.
import='^[[:space:]]*(@[[:alnum:]_()]+[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]+((struct|class|enum|protocol|typealias|func|let|var)[[:space:]]+)?'
status=0

complain() {
  echo "check-imports: $1" >&2
  status=1
}

# Targets of Package.swift: KIND NAME PATH, then DEPENDENCY…, in one line each. Those of other packages have a + in front.
targets() {
  sed -E 's|^[[:space:]]*//.*||' Package.swift | tr '\n' ' ' | awk '
    {
      while (match($0, /\.(target|executableTarget|testTarget|systemLibrary)\([ ]*name: "/)) {
        kind = substr($0, RSTART + 1, index(substr($0, RSTART), "(") - 2)
        $0 = substr($0, RSTART + RLENGTH)
        name = substr($0, 1, index($0, "\"") - 1)
        chunk = $0
        if (match(chunk, /\.(target|executableTarget|testTarget|systemLibrary)\([ ]*name: "/)) chunk = substr(chunk, 1, RSTART - 1)
        path = (kind == "testTarget" ? "Tests/" : "Sources/") name
        if (match(chunk, /path: "[^"]*"/)) path = substr(chunk, RSTART + 7, RLENGTH - 8)
        line = kind " " name " " path
        if (match(chunk, /dependencies: \[[^]]*\]/)) {
          list = substr(chunk, RSTART + 15, RLENGTH - 16)
          gsub(/\.product\(name: "/, "\"+", list)
          gsub(/package: "[^"]*"/, "", list)
          while (match(list, /"[^"]*"/)) {
            line = line " " substr(list, RSTART + 1, RLENGTH - 2)
            list = substr(list, RSTART + RLENGTH)
          }
        }
        print line
      }
    }'
}

# The arrows of the module table: MODULE DEPENDENCY…, in one line each.
table() {
  awk '
    /^## / { inside = $0 == "## Modules" }
    inside && /^```/ { fenced = !fenced; next }
    inside && fenced && /^[^ ]/ {
      arrows = $0
      if (sub(/^[^→]*→ */, "", arrows)) sub(/  .*/, "", arrows); else arrows = ""
      names = $0
      sub(/ *→.*/, "", names)
      sub(/  .*/, "", names)
      gsub(/,/, "", arrows)
      count = split(names, each, /, */)
      for (i = 1; i <= count; i++) print each[i], arrows
    }' toolchain-docs/architecture.md
}

# One name a line, in order.
lines() { printf '%s\n' "$@" | sed '/^$/d' | sort -u; }

check_arrows() {
  local kind name path known declared drawn imported used module
  known=$(targets | awk '{ print $2; for (i = 4; i <= NF; i++) if (sub(/^\+/, "", $i)) print $i }' | tr - _ | sort -u)
  while read -r kind name path declared; do
    # The table.
    if [[ $path == Sources/* ]]; then
      if ! table | grep -qE "^$name( |$)"; then
        complain "$name is not in the module table of toolchain-docs/architecture.md"
      else
        drawn=$(lines $(table | awk -v name="$name" '$1 == name { $1 = ""; print }'))
        used=$(lines $(tr ' ' '\n' <<<"$declared" | grep -v '^+' || true))
        for module in $(comm -23 <(echo "$used") <(echo "$drawn")); do
          complain "$name → $module is in Package.swift, and not in toolchain-docs/architecture.md"
        done
        for module in $(comm -13 <(echo "$used") <(echo "$drawn")); do
          complain "$name → $module is in toolchain-docs/architecture.md, and not in Package.swift"
        done
      fi
    fi
    # The sources. C targets have no dependencies.
    imported=$({ grep -rhoE "$import[[:alnum:]_]+" --include='*.swift' "$path" || true; } | awk '{ print $NF }' | sort -u)
    imported=$(comm -12 <(echo "$imported") <(echo "$known"))
    # A module's name has no hyphen.
    used=$(lines ${declared//+/} | tr - _ | sort)
    for module in $(comm -23 <(echo "$imported") <(echo "$used")); do
      complain "$name imports $module, which Package.swift does not declare"
    done
    for module in $(comm -13 <(echo "$imported") <(echo "$used")); do
      complain "$name declares $module in Package.swift, and never imports it"
    done
  done < <(targets)
  for name in $(table | awk '{ print $1 }'); do
    targets | awk '{ print $2 }' | grep -qx -- "$name" \
      || complain "$name is in the module table of toolchain-docs/architecture.md, and not in Package.swift"
  done
}

check_forbidden() {
  local module
  for module in "${modules[@]}"; do
    [[ -d Sources/$module ]] || continue
    if grep -rnE "$import($forbidden)\b" --include='*.swift' "Sources/$module"; then
      complain "$module must not import these"
    fi
    if grep -rnE '#[[:space:]]*include[[:space:]]*[<"](llvm|llvm-c|Foundation)/' --include='*.[chS]' "Sources/$module"; then
      complain "$module must not include these"
    fi
  done
}

check_executable() {
  if [[ ! -x $1 ]]; then
    echo "check-imports: $1 is not built, so what it links was not checked"
  # readelf and not ldd: ldd also lists what Swift's own libraries need.
  elif readelf -d "$1" | grep NEEDED | grep -E 'LLVM|lib_?Foundation\.so|FoundationNetworking'; then
    complain "$1 must not link these"
  fi
}

# A sound package of two modules, then one violation at a time.
self_test() {
  local out
  scratch=$(mktemp -d)  # Global: the trap comes when this function is left.
  trap 'rm -rf "$scratch"' EXIT
  make_package() {
    rm -rf "$scratch"/*
    mkdir -p "$scratch"/{scripts,toolchain-docs,Sources/{Wasm,Runtime},Tests/RuntimeTests}
    cp "$self" "$scratch/scripts/"
    cat >"$scratch/Package.swift" <<'END'
      targets: [
        // .target(name: "Gone"),
        .target(name: "Wasm"),
        .target(
          name: "Runtime",
          dependencies: ["Wasm", .product(name: "SystemPackage", package: "swift-system")]),
        .testTarget(name: "RuntimeTests", dependencies: ["Runtime"]),
      ]
END
    printf '# Architecture\n\n## Modules\n```\nWasm       types.\nRuntime  → Wasm      instances → stores.\n```\n' \
      >"$scratch/toolchain-docs/architecture.md"
    echo 'import Glibc' >"$scratch/Sources/Wasm/a.swift"
    printf 'public import struct Wasm.Module\nimport SystemPackage\n' >"$scratch/Sources/Runtime/a.swift"
    echo '@testable import Runtime' >"$scratch/Tests/RuntimeTests/a.swift"
  }
  expect() {
    out=$("$scratch/scripts/check-imports.sh" 2>&1) && true
    if ! grep -qF -- "$1" <<<"$out"; then
      echo "check-imports: self-test: expected \"$1\", got: $out" >&2
      exit 1
    fi
  }
  make_package
  expect 'check-imports: ok'
  echo 'import Wasm' >>"$scratch/Tests/RuntimeTests/a.swift"
  expect 'RuntimeTests imports Wasm, which Package.swift does not declare'
  make_package
  echo >"$scratch/Tests/RuntimeTests/a.swift"
  expect 'RuntimeTests declares Runtime in Package.swift, and never imports it'
  make_package
  echo 'import Wasm' >"$scratch/Sources/Runtime/a.swift"
  expect 'Runtime declares SystemPackage in Package.swift, and never imports it'
  make_package
  sed -i 's/→ Wasm  /         /' "$scratch/toolchain-docs/architecture.md"
  expect 'Runtime → Wasm is in Package.swift, and not in toolchain-docs/architecture.md'
  make_package
  sed -i 's/^Wasm    /Wasm → Runtime  /' "$scratch/toolchain-docs/architecture.md"
  expect 'Wasm → Runtime is in toolchain-docs/architecture.md, and not in Package.swift'
  make_package
  sed -i '/^Wasm/d' "$scratch/toolchain-docs/architecture.md"
  expect 'Wasm is not in the module table'
  make_package
  sed -i 's/^Wasm    /Wasm, Gone    /' "$scratch/toolchain-docs/architecture.md"
  expect 'Gone is in the module table of toolchain-docs/architecture.md, and not in Package.swift'
  make_package
  echo 'import Foundation' >>"$scratch/Sources/Wasm/a.swift"
  expect 'Wasm must not import these'
  echo "check-imports: self-test ok"
}

if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi
check_arrows
check_forbidden
check_executable "${1:-.build/release/wasm-pgo}"
if ((status == 0)); then echo "check-imports: ok"; fi
exit $status
