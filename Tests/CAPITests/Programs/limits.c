// Limits of an engine's stores, timeouts, interruption from another thread, errors, the log.
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

static atomic_int logged;

static void count(void *env, wasm_pgo_level_t level, const char *message) {
  CHECK(env == &logged && message[0] != 0);
  if (level == WASM_PGO_ERROR) logged++;
}

static void *interrupt(void *interrupter) {
  wasm_pgo_interrupter_interrupt(interrupter);
  return NULL;
}

static void check_interrupted(wasm_trap_t *trap) {
  CHECK(trap != NULL && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
}

int main(void) {
  CHECK(strcmp(wasm_pgo_version(), "0.1.0") == 0 && wasm_pgo_artefact_version() > 0);
  CHECK(wasm_pgo_has_feature("simd") && !wasm_pgo_has_feature("stringref") && !wasm_pgo_has_feature("nonsense"));
  CHECK(wasm_pgo_last_error()[0] == 0 && wasm_pgo_last_error_kind() == WASM_PGO_OK);
  wasm_pgo_set_log(count, &logged);

  wasm_config_t *config = wasm_config_new();
  wasm_pgo_config_set_memory_pages(config, 4);
  wasm_pgo_config_set_table_elements(config, 15);
  wasm_pgo_config_set_instances(config, 1);
  wasm_pgo_config_set_stack_size(config, 1 << 17);
  wasm_pgo_config_set_exception_bytes(config, 1 << 20);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  wasm_instance_t *instance = instantiate(store, "loop.wasm");

  // Memories, tables, instances, stack.
  wasm_limits_t limits = {4, wasm_limits_max_default}, more = {5, wasm_limits_max_default};
  wasm_memorytype_t *fits = wasm_memorytype_new(&limits), *large = wasm_memorytype_new(&more);
  wasm_memory_t *memory = wasm_memory_new(store, fits);
  CHECK(memory != NULL && wasm_memory_size(memory) == 4 && !wasm_memory_grow(memory, 1));
  CHECK(failed(WASM_PGO_RESOURCE, "cannot grow by 1 pages"));
  CHECK(wasm_memory_new(store, large) == NULL && failed(WASM_PGO_RESOURCE, "beyond the limit of 4"));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(fits);
  wasm_memorytype_delete(large);
  wasm_limits_t elements = {6, wasm_limits_max_default};
  wasm_tabletype_t *table = wasm_tabletype_new(wasm_valtype_new_externref(), &elements);
  CHECK(wasm_table_new(store, table, NULL) == NULL && failed(WASM_PGO_RESOURCE, "tables"));
  wasm_tabletype_delete(table);
  wasm_module_t *module = load(store, "loop.wasm");
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  CHECK(wasm_instance_new(store, module, &none, NULL) == NULL && failed(WASM_PGO_RESOURCE, "1 instances, the limit"));
  wasm_module_delete(module);
  wasm_trap_t *trap = call(instance, "deep", 0, NULL, NULL);
  CHECK(trap != NULL && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_STACK_OVERFLOW);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 100);
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(trap);

  // Each call has its time; the store can be used afterwards.
  wasm_pgo_store_set_timeout(store, 1000000);
  check_interrupted(call(instance, "forever", 0, NULL, NULL));
  check_interrupted(call(instance, "forever", 0, NULL, NULL));
  wasm_pgo_store_set_timeout(store, 0);
  int32_t one = 0;
  CHECK(call(instance, "one", 0, NULL, &one) == NULL && one == 1);

  // Another thread's interruption; one that is taken back.
  wasm_pgo_interrupter_t *interrupter = wasm_pgo_interrupter_new(store);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, interrupt, interrupter) == 0);
  check_interrupted(call(instance, "forever", 0, NULL, NULL));
  pthread_join(thread, NULL);
  wasm_pgo_interrupter_interrupt(interrupter);
  CHECK(wasm_pgo_interrupter_is_requested(interrupter));
  wasm_pgo_interrupter_clear(interrupter);
  CHECK(!wasm_pgo_interrupter_is_requested(interrupter));
  CHECK(call(instance, "one", 0, NULL, &one) == NULL);

  // Modules that are none.
  wasm_byte_vec_t nonsense;
  wasm_byte_vec_new(&nonsense, 12, "\0asm\1\0\0\0\7\0\0\0");
  CHECK(wasm_module_new(store, &nonsense) == NULL && failed(WASM_PGO_INVALID_MODULE, "at byte "));
  CHECK(!wasm_module_validate(store, &nonsense));
  CHECK(wasm_module_deserialize(store, &nonsense) == NULL && failed(WASM_PGO_INVALID_ARTEFACT, ""));
  CHECK(wasm_pgo_module_load(store, "/nonexistent") == NULL && failed(WASM_PGO_SYSTEM, "/nonexistent"));
  wasm_byte_vec_delete(&nonsense);

  int errors = logged;
  CHECK(errors >= 10);
  wasm_pgo_set_log(NULL, NULL);
  CHECK(wasm_pgo_module_load(store, "/nonexistent") == NULL && logged == errors);

  wasm_instance_delete(instance);
  wasm_store_delete(store);
  // What is left over of the store.
  wasm_pgo_interrupter_interrupt(interrupter);
  wasm_pgo_interrupter_delete(interrupter);
  wasm_engine_delete(engine);
  return 0;
}
