// Vectors of all kinds, and values.
#include <stdio.h>
#include <stdlib.h>

#include "objects.h"

void *wpgo_zeroed(size_t count, size_t size) {
  if (count == 0) return NULL;
  void *memory = calloc(count, size);
  if (memory == NULL) {
    fprintf(stderr, "libwasmpgo: out of memory\n");
    abort();
  }
  return memory;
}

// What is not initialized is zero, so that a vector can be deleted before all of its elements are set.
#define DEFINE_VECTOR(name, element, copy_element, delete_element) \
  void wasm_##name##_vec_new_empty(wasm_##name##_vec_t *out) { \
    out->size = 0; \
    out->data = NULL; \
  } \
  void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t *out, size_t size) { \
    out->data = wpgo_zeroed(size, sizeof(element)); \
    out->size = size; \
  } \
  void wasm_##name##_vec_new( \
      wasm_##name##_vec_t *out, size_t size, element const data[]) { \
    wasm_##name##_vec_new_uninitialized(out, size); \
    if (size != 0) memcpy(out->data, data, size * sizeof(element)); \
  } \
  void wasm_##name##_vec_copy(wasm_##name##_vec_t *out, const wasm_##name##_vec_t *from) { \
    wasm_##name##_vec_new_uninitialized(out, from->size); \
    for (size_t i = 0; i < from->size; i++) copy_element(out->data + i, from->data + i); \
  } \
  void wasm_##name##_vec_delete(wasm_##name##_vec_t *vector) { \
    if (vector->data != NULL) { \
      for (size_t i = 0; i < vector->size; i++) delete_element(vector->data + i); \
    } \
    free(vector->data); \
    wasm_##name##_vec_new_empty(vector); \
  }

// Of pointers, each of which owns what it points to.
#define DEFINE_OWNING_VECTOR(name) \
  static void copy_##name(wasm_##name##_t **out, wasm_##name##_t *const *from) { \
    *out = *from == NULL ? NULL : wasm_##name##_copy(*from); \
  } \
  static void delete_##name(wasm_##name##_t **element) { wasm_##name##_delete(*element); } \
  DEFINE_VECTOR(name, wasm_##name##_t *, copy_##name, delete_##name)

static void copy_byte(wasm_byte_t *out, const wasm_byte_t *from) { *out = *from; }
static void delete_byte(wasm_byte_t *byte) { (void)byte; }

DEFINE_VECTOR(byte, wasm_byte_t, copy_byte, delete_byte)
DEFINE_VECTOR(val, wasm_val_t, wasm_val_copy, wasm_val_delete)
DEFINE_OWNING_VECTOR(valtype)
DEFINE_OWNING_VECTOR(functype)
DEFINE_OWNING_VECTOR(globaltype)
DEFINE_OWNING_VECTOR(tabletype)
DEFINE_OWNING_VECTOR(memorytype)
DEFINE_OWNING_VECTOR(externtype)
DEFINE_OWNING_VECTOR(importtype)
DEFINE_OWNING_VECTOR(exporttype)
DEFINE_OWNING_VECTOR(frame)
DEFINE_OWNING_VECTOR(extern)

void wasm_val_delete(wasm_val_t *value) {
  if (!wasm_valkind_is_ref(value->kind)) return;
  wasm_ref_delete(value->of.ref);
  value->of.ref = NULL;
}

void wasm_val_copy(wasm_val_t *out, const wasm_val_t *value) {
  *out = *value;
  if (wasm_valkind_is_ref(value->kind) && value->of.ref != NULL) {
    out->of.ref = wasm_ref_copy(value->of.ref);
  }
}
