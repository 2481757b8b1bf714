// A host that knows nothing of profiles: host MODULE-OR-ARTEFACT BATCHES. Prints a checksum, and seconds of CPU time of the plugin's call, with what the
// host's functions take of it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wasm_pgo.h"

struct record {
  uint32_t kind, amount, rate, flags;
};

static wasm_memory_t *memory;
static struct record records[1024];
static uint64_t checksum;

static wasm_trap_t *next(const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  uint32_t start = (uint32_t)arguments->data[0].of.i32, capacity = (uint32_t)arguments->data[1].of.i32;
  uint32_t count = capacity < 1024 ? capacity : 1024;
  size_t size = wasm_memory_data_size(memory), bytes = count * sizeof *records;
  if (bytes > size || start > size - bytes) abort();
  memcpy(wasm_memory_data(memory) + start, records, bytes);
  results->data[0] = (wasm_val_t)WASM_I32_VAL((int32_t)count);
  return NULL;
}

static wasm_trap_t *report(const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  (void)results;
  checksum = checksum * 31 + (uint64_t)arguments->data[0].of.i64;
  return NULL;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void check(bool is_true, const char *what) {
  if (is_true) return;
  fprintf(stderr, "host: %s: %s\n", what, wasm_pgo_last_error());
  exit(1);
}

// A .so is an artefact, anything else a module.
static wasm_module_t *load(wasm_store_t *store, const char *path) {
  size_t length = strlen(path);
  if (length > 3 && strcmp(path + length - 3, ".so") == 0) return wasm_pgo_module_load(store, path);
  FILE *file = fopen(path, "rb");
  check(file != NULL, path);
  fseek(file, 0, SEEK_END);
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(file));
  rewind(file);
  check(fread(bytes.data, 1, bytes.size, file) == bytes.size, path);
  fclose(file);
  wasm_module_t *module = wasm_module_new(store, &bytes);
  wasm_byte_vec_delete(&bytes);
  return module;
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  // Nine records of ten are orders.
  uint32_t seed = 42;
  for (int i = 0; i < 1024; i++) {
    uint32_t words[4];
    for (int j = 0; j < 4; j++) words[j] = seed = seed * 1664525 + 1013904223;
    words[0] >>= 8;
    records[i] = (struct record){words[0] % 10 ? 0 : 1 + words[0] / 10 % 2, words[1], words[2], words[3] >> 9};
  }

  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = load(store, arguments[1]);
  check(module != NULL, arguments[1]);
  wasm_functype_t *types[] = {
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32()),
      wasm_functype_new_1_0(wasm_valtype_new_i64()),
  };
  wasm_func_t *functions[] = {wasm_func_new(store, types[0], next), wasm_func_new(store, types[1], report)};
  wasm_extern_t *externs[] = {wasm_func_as_extern(functions[0]), wasm_func_as_extern(functions[1])};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  check(instance != NULL, "instantiate");
  wasm_extern_t *exported = wasm_pgo_instance_export(instance, "memory");
  wasm_extern_t *run = wasm_pgo_instance_export(instance, "run");
  check(exported != NULL && run != NULL, "exports");
  memory = wasm_extern_as_memory(exported);

  wasm_val_t argument[] = {WASM_I32_VAL(atoi(arguments[2]))}, result[] = {WASM_INIT_VAL};
  wasm_val_vec_t in = WASM_ARRAY_VEC(argument), out = WASM_ARRAY_VEC(result);
  double start = now();
  wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(run), &in, &out);
  double seconds = now() - start;
  check(trap == NULL, "run");
  printf("%d-%016llx %.6f\n", result[0].of.i32, (unsigned long long)checksum, seconds);

  wasm_extern_delete(run);
  wasm_extern_delete(exported);
  wasm_instance_delete(instance);
  for (int i = 0; i < 2; i++) {
    wasm_func_delete(functions[i]);
    wasm_functype_delete(types[i]);
  }
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
