// The header alone: libraries that define imports include it.
#include "wasm_pgo_imports.h"
