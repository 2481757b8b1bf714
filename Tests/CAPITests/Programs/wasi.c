// WASI: arguments, environment, directories, streams, exit statuses, an import of the host's beside it.
#include <fcntl.h>
#include <unistd.h>

#include "check.h"

static wasm_trap_t *status(void *env, const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  CHECK(arguments->size == 0);
  results->data[0] = (wasm_val_t)WASM_I32_VAL(*(int *)env);
  return NULL;
}

static wasm_pgo_wasi_config_t *configuration(void) {
  const char *arguments[] = {"program", "--ok"};
  wasm_pgo_wasi_config_t *config = wasm_pgo_wasi_config_new();
  wasm_pgo_wasi_config_set_args(config, 2, arguments);
  wasm_pgo_wasi_config_set_env(config, "A", "1");
  wasm_pgo_wasi_config_set_env(config, "A", "22");
  wasm_pgo_wasi_config_add_directory(config, ".", "/", true);
  return config;
}

int main(void) {
  FILE *file = fopen("greeting", "w");
  CHECK(file != NULL && fputs(" file", file) >= 0 && fclose(file) == 0);
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = load(store, "wasi.wasm");
  int code = 0;
  wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, status, &code, NULL);
  wasm_functype_delete(type);
  wasm_extern_t *given[7] = {NULL, NULL, wasm_func_as_extern(func), NULL, NULL, NULL, NULL};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(given);

  // Buffers; exit with 0 and with 7.
  for (; code <= 7; code += 7) {
    wasm_pgo_wasi_config_t *config = configuration();
    wasm_pgo_wasi_config_set_input(config, "input ", 6);
    wasm_pgo_wasi_config_set_buffer(config, 1, 100);
    wasm_pgo_wasi_config_set_buffer(config, 2, SIZE_MAX);
    wasm_pgo_wasi_t *wasi = wasm_pgo_wasi_new(store, config);
    CHECK(wasi != NULL);
    wasm_instance_t *instance = wasm_pgo_wasi_instance_new(wasi, module, &imports, NULL);
    CHECK(instance != NULL);
    CHECK(wasm_pgo_wasi_instance_new(wasi, module, &imports, NULL) == NULL && failed(WASM_PGO_USAGE, "one instance"));
    wasm_trap_t *trap = wasm_pgo_wasi_start(instance);
    if (code == 0) {
      CHECK(trap == NULL);
    } else {
      CHECK(trap != NULL && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_EXIT && wasm_pgo_trap_exit_status(trap) == 7);
      CHECK(says(trap, "exit with status 7"));
      wasm_trap_delete(trap);
    }
    wasm_byte_vec_t output, errors, none;
    wasm_pgo_wasi_output(wasi, 1, &output);
    wasm_pgo_wasi_output(wasi, 2, &errors);
    wasm_pgo_wasi_output(wasi, 0, &none);
    CHECK(output.size == 15 && memcmp(output.data, "input --ok file", 15) == 0);
    CHECK(errors.size == 4 && memcmp(errors.data, "A=22", 4) == 0 && none.size == 0);
    wasm_byte_vec_delete(&output);
    wasm_byte_vec_delete(&errors);
    wasm_byte_vec_delete(&none);
    wasm_instance_delete(instance);
    wasm_pgo_wasi_delete(wasi);
  }

  // Descriptors, which stay the host's.
  code = 0;
  int descriptor = open("output", O_RDWR | O_CREAT | O_TRUNC, 0600);
  wasm_pgo_wasi_config_t *config = configuration();
  wasm_pgo_wasi_config_inherit_streams(config);
  wasm_pgo_wasi_config_set_descriptor(config, 1, descriptor);
  wasm_pgo_wasi_t *wasi = wasm_pgo_wasi_new(store, config);
  wasm_instance_t *instance = wasm_pgo_wasi_instance_new(wasi, module, &imports, NULL);
  CHECK(instance != NULL && wasm_pgo_wasi_start(instance) == NULL);
  char bytes[20];
  CHECK(pread(descriptor, bytes, 20, 0) == 9 && memcmp(bytes, "--ok file", 9) == 0);
  close(descriptor);
  wasm_instance_delete(instance);
  wasm_pgo_wasi_delete(wasi);

  // What cannot be granted, and what WASI does not have.
  config = configuration();
  wasm_pgo_wasi_config_inherit_env(config);
  wasm_pgo_wasi_config_add_directory(config, "/nonexistent", "/x", false);
  CHECK(wasm_pgo_wasi_new(store, config) == NULL && failed(WASM_PGO_SYSTEM, "/nonexistent"));
  wasi = wasm_pgo_wasi_new(store, wasm_pgo_wasi_config_new());
  wasm_trap_t *trap;
  CHECK(wasm_pgo_wasi_instance_new(wasi, module, NULL, &trap) == NULL);
  CHECK(failed(WASM_PGO_LINK, "unknown import: host.status") && says(trap, "host.status"));
  wasm_trap_delete(trap);
  wasm_pgo_wasi_delete(wasi);
  wasm_pgo_wasi_config_delete(wasm_pgo_wasi_config_new());

  wasm_func_delete(func);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
