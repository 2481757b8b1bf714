// Hosts of indirect.wasm.
#pragma once
#include "check.h"

// host.value
static wasm_trap_t *value(const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  results->data[0] = (wasm_val_t)WASM_I32_VAL(3 * arguments->data[0].of.i32);
  return NULL;
}

// NULL if it fails.
static inline wasm_instance_t *plugin(wasm_store_t *store, const wasm_module_t *module) {
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new(store, type, value);
  wasm_functype_delete(type);
  wasm_extern_t *given[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(given);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_func_delete(func);
  return instance;
}

// run(n, which): checks what it gives.
static inline void run(const wasm_instance_t *instance, int32_t n, int32_t which) {
  int32_t arguments[] = {n, which}, result;
  CHECK(call(instance, "run", 2, arguments, &result) == NULL);
  CHECK(result == (which ? 3 : 2) * (n * (n - 1) / 2));
}
