// Prints whether there is a compiler.
#include "check.h"

int main(void) {
  printf("%d\n", wasm_pgo_has_feature("compiler"));
  return 0;
}
