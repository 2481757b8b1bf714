// The intrinsics of x86 by those of WebAssembly: Debian's libsimde-dev.
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/sse.h>
