// What is behind the types of wasm.h, for the C and Swift code that implements it. Types, names, values and frames are plain C data. What refers
// to the engine (wasm_ref_t and all that converts to it) is an object of Swift's, and the pointer is the object: copying counts one more
// owner, deleting one less, and two pointers to the same thing are equal.
#pragma once
#include "wasm.h"

// MARK: Data

struct wasm_valtype_t {
  wasm_valkind_t kind;
};

// The start of each of the following: a pointer to one is a pointer to this.
struct wasm_externtype_t {
  wasm_externkind_t kind;
};

// Of kind WASM_EXTERN_FUNC, or of a tag, which has no results.
struct wasm_functype_t {
  wasm_externtype_t base;
  wasm_valtype_vec_t params;
  wasm_valtype_vec_t results;
};

struct wasm_globaltype_t {
  wasm_externtype_t base;
  wasm_mutability_t mutability;
  wasm_valtype_t *content;
};

struct wasm_tabletype_t {
  wasm_externtype_t base;
  wasm_limits_t limits;
  wasm_valtype_t *element;
};

struct wasm_memorytype_t {
  wasm_externtype_t base;
  wasm_limits_t limits;
};

struct wasm_importtype_t {
  wasm_name_t module;
  wasm_name_t name;
  wasm_externtype_t *type;
};

struct wasm_exporttype_t {
  wasm_name_t name;
  wasm_externtype_t *type;
};

struct wasm_frame_t {
  struct wasm_instance_t *instance;  // Owned; NULL if it is not known.
  uint32_t function;
  size_t function_offset;
  size_t module_offset;
};

// Zeroed memory for free(3). Ends the process when there is none, as Swift does. NULL for no elements.
void *wpgo_zeroed(size_t count, size_t size);

wasm_frame_t *wpgo_frame_new(
    struct wasm_instance_t *instance, uint32_t function, size_t function_offset, size_t module_offset);

// MARK: Objects

// What a reference is. Those of externals come first, with wasm.h's numbers.
enum wpgo_kind {
  WPGO_FUNC = WASM_EXTERN_FUNC,
  WPGO_GLOBAL = WASM_EXTERN_GLOBAL,
  WPGO_TABLE = WASM_EXTERN_TABLE,
  WPGO_MEMORY = WASM_EXTERN_MEMORY,
  WPGO_TAG,
  WPGO_TRAP,
  WPGO_FOREIGN,
  WPGO_MODULE,
  WPGO_INSTANCE,
};

// Implemented in Swift.
void wpgo_object_retain(const void *object);
void wpgo_object_release(const void *object);
// Of references only.
uint8_t wpgo_reference_kind(const void *reference);
void *wpgo_reference_info(const void *reference);
// A finalizer of what was set before runs now.
void wpgo_reference_set_info(void *reference, void *info, void (*finalizer)(void *));

// MARK: Errors

// Keeps what failed last on this thread, shortened to what fits.
void wpgo_set_error(uint8_t kind, const char *message);
