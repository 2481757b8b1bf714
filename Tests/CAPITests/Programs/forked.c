// Processes that are forked from one that records. With "variable", by WASM_PGO_PROFILE; with "recording", by wasm_pgo.h. Prints the children's
// numbers: the first and the second run a new instance, the third only the parent's, the fourth nothing.
#include <sys/wait.h>
#include <unistd.h>

#include "indirect.h"

static wasm_engine_t *engine;
static wasm_module_t *module;
static wasm_instance_t *instance;

static void child(int number) {
  if (number < 2) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *own = plugin(store, module);
    CHECK(own != NULL);
    run(own, 100 + number, number);
    wasm_instance_delete(own);
    wasm_store_delete(store);
  } else if (number == 2) {
    run(instance, 1000, 0);
  }
}

// An instance of late.wasm; NULL if it fails.
static wasm_instance_t *offset_by(wasm_store_t *store, const wasm_module_t *module, int32_t offset) {
  wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_val_t value = WASM_I32_VAL(offset);
  wasm_global_t *global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  wasm_extern_t *given[] = {wasm_global_as_extern(global)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(given);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_global_delete(global);
  return instance;
}

int main(int count, char **arguments) {
  CHECK(count == 2);
  wasm_pgo_recording_t *recording = NULL;
  wasm_config_t *config = wasm_config_new();
  if (strcmp(arguments[1], "recording") == 0) {
    recording = wasm_pgo_recording_new("p.wasmprof");
    wasm_pgo_config_set_recording(config, recording);
  }
  engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  module = load(store, "indirect.wasm");

  // A child that gives up all that it has of a recording whose file is not in its place yet leaves that alone.
  wasm_pgo_recording_t *aside = wasm_pgo_recording_new("aside.wasmprof");
  wasm_pgo_store_set_recording(store, aside);
  wasm_module_t *late = load(store, "late.wasm");
  CHECK(offset_by(store, late, 1 << 16) == NULL && failed(WASM_PGO_TRAP, "out of bounds"));
  pid_t process = fork();
  CHECK(process >= 0);
  if (process == 0) {
    wasm_module_delete(late);
    wasm_pgo_recording_delete(aside);
    wasm_store_delete(store);
    _exit(0);
  }
  int status;
  CHECK(waitpid(process, &status, 0) == process && status == 0);
  wasm_instance_t *second = offset_by(store, late, 0);
  CHECK(second != NULL && call(second, "run", 0, NULL, NULL) == NULL);
  CHECK(wasm_pgo_recording_finish(aside));
  wasm_pgo_recording_delete(aside);
  wasm_instance_delete(second);
  wasm_module_delete(late);

  instance = plugin(store, module);
  CHECK(instance != NULL);
  run(instance, 50, 0);
  for (int number = 0; number < 4; number++) {
    process = fork();
    CHECK(process >= 0);
    if (process == 0) {
      child(number);
      if (recording != NULL) CHECK(wasm_pgo_recording_finish(recording));
      exit(0);
    }
    CHECK(waitpid(process, &status, 0) == process && status == 0);
    printf("%d\n", (int)process);
    fflush(stdout);
  }
  run(instance, 6, 1);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  if (recording != NULL) CHECK(wasm_pgo_recording_finish(recording));
  wasm_pgo_recording_delete(recording);
  return 0;
}
