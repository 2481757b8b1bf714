// What the programs share.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm_pgo.h"

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition, wasm_pgo_last_error()); \
      exit(1); \
    } \
  } while (0)

// Whether the last failure was of this kind and says this.
static inline bool failed(wasm_pgo_error_t kind, const char *text) {
  return wasm_pgo_last_error_kind() == kind && strstr(wasm_pgo_last_error(), text) != NULL;
}

static inline wasm_byte_vec_t read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  fseek(file, 0, SEEK_END);
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(file));
  rewind(file);
  CHECK(fread(bytes.data, 1, bytes.size, file) == bytes.size);
  fclose(file);
  return bytes;
}

static inline wasm_module_t *load(wasm_store_t *store, const char *path) {
  wasm_byte_vec_t bytes = read_file(path);
  wasm_module_t *module = wasm_module_new(store, &bytes);
  wasm_byte_vec_delete(&bytes);
  CHECK(module != NULL);
  return module;
}

// A module without imports.
static inline wasm_instance_t *instantiate(wasm_store_t *store, const char *path) {
  wasm_module_t *module = load(store, path);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
  CHECK(instance != NULL);
  wasm_module_delete(module);
  return instance;
}

// Borrowed from the export, which `out` owns.
static inline wasm_func_t *function(const wasm_instance_t *instance, const char *name, wasm_extern_t **out) {
  *out = wasm_pgo_instance_export(instance, name);
  CHECK(*out != NULL && wasm_extern_as_func(*out) != NULL);
  return wasm_extern_as_func(*out);
}

// Calls an export with i32s.
static inline wasm_trap_t *call(
    const wasm_instance_t *instance, const char *name, size_t count, const int32_t *arguments, int32_t *result) {
  wasm_extern_t *export;
  wasm_func_t *func = function(instance, name, &export);
  wasm_val_t values[4], results[1] = {WASM_INIT_VAL};
  for (size_t i = 0; i < count; i++) values[i] = (wasm_val_t)WASM_I32_VAL(arguments[i]);
  wasm_val_vec_t in = {count, values}, out = WASM_EMPTY_VEC;
  if (result != NULL) out = (wasm_val_vec_t)WASM_ARRAY_VEC(results);
  wasm_trap_t *trap = wasm_func_call(func, &in, &out);
  if (result != NULL && trap == NULL) *result = results[0].of.i32;
  wasm_extern_delete(export);
  return trap;
}

static inline bool says(const wasm_trap_t *trap, const char *text) {
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message.size > 0 && message.data[message.size - 1] == 0);
  bool found = strstr(message.data, text) != NULL;
  if (!found) fprintf(stderr, "trap: %s\n", message.data);
  wasm_byte_vec_delete(&message);
  return found;
}
