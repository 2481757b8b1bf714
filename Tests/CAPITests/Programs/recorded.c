// A host that knows nothing of profiles: `recorded MODULE-OR-ARTEFACT N WHICH`. Prints how many guards failed.
#include "indirect.h"

int main(int count, char **arguments) {
  CHECK(count == 4);
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  bool is_artefact = strstr(arguments[1], ".so") != NULL;
  wasm_module_t *module = is_artefact ? wasm_pgo_module_load(store, arguments[1]) : load(store, arguments[1]);
  CHECK(module != NULL && wasm_pgo_module_is_compiled(module) == is_artefact);
  wasm_instance_t *instance = plugin(store, module);
  CHECK(instance != NULL);
  run(instance, atoi(arguments[2]), atoi(arguments[3]));
  printf("%llu\n", (unsigned long long)wasm_pgo_instance_miss_count(instance));
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
