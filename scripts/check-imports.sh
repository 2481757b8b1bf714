#!/usr/bin/env bash
# Fails if a module that servers link imports Foundation, LLVM or the compiler, or if the built wasm-pgo
# links LLVM: check-imports.sh [EXECUTABLE]
set -euo pipefail
cd "$(dirname "$0")/.."

executable=${1:-.build/release/wasm-pgo}
modules=(Runtime WASI Wasm WasmText X64 Contract Feedback Baseline Speculation CRuntime Files)
forbidden='Foundation|FoundationEssentials|FoundationInternationalization|CLLVM|AOT'
status=0

for module in "${modules[@]}"; do
  [[ -d Sources/$module ]] || continue
  # `import X`, with attributes, access level or a kind (`import struct X.Y`) before the name.
  if grep -rnE "^[[:space:]]*(@[[:alnum:]_()]+[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]+((struct|class|enum|protocol|typealias|func|let|var)[[:space:]]+)?($forbidden)\b" \
      --include='*.swift' "Sources/$module"; then
    echo "check-imports: $module must not import these" >&2
    status=1
  fi
  if grep -rnE '#[[:space:]]*include[[:space:]]*[<"](llvm|llvm-c|Foundation)/' --include='*.[chS]' "Sources/$module"; then
    echo "check-imports: $module must not include these" >&2
    status=1
  fi
done

if [[ -x $executable ]]; then
  # readelf and not ldd: ldd also lists what Swift's own libraries need.
  if readelf -d "$executable" | grep NEEDED | grep -E 'LLVM|lib_?Foundation\.so|FoundationNetworking'; then
    echo "check-imports: $executable must not link these" >&2
    status=1
  fi
else
  echo "check-imports: $executable is not built, so what it links was not checked"
fi

if ((status == 0)); then echo "check-imports: ok"; fi
exit $status
