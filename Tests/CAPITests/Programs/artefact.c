// An artefact, linked into this program, from a file, from memory, and from memory as it was serialized: the same results, statistics, guards that fail.
#include "check.h"

extern const wasm_pgo_artefact_t artefact;

static wasm_store_t *store;

static void run(wasm_module_t *module, bool speculates) {
  CHECK(module != NULL && wasm_pgo_module_check(module));
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
  CHECK(instance != NULL);

  // What the profile saw, then what it did not.
  int32_t seen[] = {0, 10}, unseen[] = {1, 10}, result;
  CHECK(call(instance, "run", 2, seen, &result) == NULL && result == 110);
  CHECK(wasm_pgo_instance_miss_count(instance) == 0);
  CHECK(call(instance, "run", 2, unseen, &result) == NULL && result == 385);
  wasm_pgo_miss_t misses[4];
  size_t count = wasm_pgo_instance_misses(instance, misses, 4);
  CHECK(count == (speculates ? 1 : 0) && wasm_pgo_instance_misses(instance, NULL, 0) == count);
  if (speculates) {
    CHECK(misses[0].function == 4 && misses[0].compiled_in == 4 && misses[0].count >= 1 && misses[0].module_offset > 0);
    CHECK(wasm_pgo_instance_miss_count(instance) == misses[0].count);
  }

  wasm_trap_t *trap = call(instance, "trap", 0, NULL, NULL);
  CHECK(trap != NULL && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_UNREACHABLE);
  wasm_frame_t *origin = wasm_trap_origin(trap);
  CHECK(origin != NULL && wasm_frame_func_index(origin) == 5 && wasm_frame_func_offset(origin) == 1);
  wasm_frame_delete(origin);
  wasm_trap_delete(trap);
  wasm_pgo_module_statistics_t statistics;
  wasm_pgo_module_statistics(module, &statistics);
  CHECK((statistics.baseline_functions == 0) == wasm_pgo_module_is_compiled(module));
  CHECK((statistics.baseline_code_bytes == 0) == wasm_pgo_module_is_compiled(module));
  wasm_instance_delete(instance);
}

int main(int count, char **arguments) {
  (void)count;
  wasm_engine_t *engine = wasm_engine_new();
  store = wasm_store_new(engine);

  wasm_module_t *plain = load(store, "artefact.wasm");
  CHECK(!wasm_pgo_module_is_compiled(plain));
  run(plain, false);

  // In this program.
  wasm_module_t *linked = wasm_pgo_module_linked(store, &artefact);
  run(linked, true);
  wasm_byte_vec_t nothing;
  wasm_module_serialize(linked, &nothing);
  CHECK(nothing.size == 0 && failed(WASM_PGO_USAGE, "linked"));
  wasm_module_delete(linked);
  static const uint64_t other[32];
  CHECK(wasm_pgo_module_linked(store, (const wasm_pgo_artefact_t *)other) == NULL);
  CHECK(failed(WASM_PGO_INVALID_ARTEFACT, "symbol"));

  // Files: a shared object, and an object.
  wasm_module_t *file = wasm_pgo_module_load(store, "artefact.so");
  CHECK(file != NULL && wasm_pgo_module_is_compiled(file));
  run(file, true);
  wasm_module_t *object = wasm_pgo_module_load(store, "artefact.o");
  run(object, true);
  wasm_module_delete(object);

  // Memory.
  wasm_byte_vec_t bytes = read_file("artefact.so"), serialized;
  wasm_module_t *memory = wasm_module_deserialize(store, &bytes);
  run(memory, true);
  wasm_module_serialize(memory, &serialized);
  CHECK(serialized.size == bytes.size && memcmp(serialized.data, bytes.data, bytes.size) == 0);
  wasm_byte_vec_delete(&serialized);
  wasm_module_serialize(file, &serialized);
  CHECK(serialized.size == bytes.size);
  wasm_byte_vec_delete(&serialized);
  wasm_module_delete(memory);

  // Shared with another store.
  wasm_shared_module_t *shared = wasm_module_share(file);
  wasm_module_delete(file);
  wasm_store_t *first = store;
  store = wasm_store_new(engine);
  wasm_module_t *obtained = wasm_module_obtain(store, shared);
  wasm_shared_module_delete(shared);
  run(obtained, true);
  wasm_module_delete(obtained);
  wasm_store_delete(store);
  store = first;

  // Damaged.
  bytes.data[bytes.size / 2] ^= 1;
  CHECK(wasm_module_deserialize(store, &bytes) == NULL && failed(WASM_PGO_INVALID_ARTEFACT, "checksum"));
  wasm_byte_vec_delete(&bytes);

  // By the compiler, if this process finds one.
  wasm_module_serialize(plain, &serialized);
  if (strcmp(arguments[1], "compiler") == 0) {
    CHECK(wasm_pgo_has_feature("compiler") && serialized.size > 0);
    memory = wasm_module_deserialize(store, &serialized);
    run(memory, false);
    wasm_module_delete(memory);
  } else {
    CHECK(!wasm_pgo_has_feature("compiler") && serialized.size == 0);
    CHECK(failed(WASM_PGO_SYSTEM, "wasm-pgo-compile is neither beside this program nor on the PATH"));
  }
  wasm_byte_vec_delete(&serialized);
  wasm_module_delete(plain);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
