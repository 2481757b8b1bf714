// What all references have in common: owners, identity, host information, conversions.
#include "objects.h"

#define DEFINE_OWN(name) \
  void wasm_##name##_delete(wasm_##name##_t *object) { \
    if (object != NULL) wpgo_object_release(object); \
  }

#define DEFINE_REFERENCE_BASE(name) \
  DEFINE_OWN(name) \
  wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *reference) { \
    wpgo_object_retain(reference); \
    return (wasm_##name##_t *)reference; \
  } \
  bool wasm_##name##_same(const wasm_##name##_t *a, const wasm_##name##_t *b) { return a == b; } \
  void *wasm_##name##_get_host_info(const wasm_##name##_t *reference) { \
    return wpgo_reference_info(reference); \
  } \
  void wasm_##name##_set_host_info(wasm_##name##_t *reference, void *info) { \
    wpgo_reference_set_info(reference, info, NULL); \
  } \
  void wasm_##name##_set_host_info_with_finalizer( \
      wasm_##name##_t *reference, void *info, void (*finalizer)(void *)) { \
    wpgo_reference_set_info(reference, info, finalizer); \
  }

static bool is(const void *reference, uint8_t kind) {
  return reference != NULL && wpgo_reference_kind(reference) == kind;
}

static bool is_extern(const void *reference) {
  return reference != NULL && wpgo_reference_kind(reference) <= WPGO_TAG;
}

// Between a general and a special type of reference; NULL if it is something else.
#define DEFINE_CONVERSIONS(name, general, test) \
  wasm_##general##_t *wasm_##name##_as_##general(wasm_##name##_t *reference) { \
    return (wasm_##general##_t *)reference; \
  } \
  const wasm_##general##_t *wasm_##name##_as_##general##_const(const wasm_##name##_t *reference) { \
    return (const wasm_##general##_t *)reference; \
  } \
  wasm_##name##_t *wasm_##general##_as_##name(wasm_##general##_t *reference) { \
    return test ? (wasm_##name##_t *)reference : NULL; \
  } \
  const wasm_##name##_t *wasm_##general##_as_##name##_const(const wasm_##general##_t *reference) { \
    return test ? (const wasm_##name##_t *)reference : NULL; \
  }

#define DEFINE_REFERENCE(name, test) \
  DEFINE_REFERENCE_BASE(name) \
  DEFINE_CONVERSIONS(name, ref, test)

#define DEFINE_EXTERNAL(name, kind) \
  DEFINE_REFERENCE(name, is(reference, kind)) \
  DEFINE_CONVERSIONS(name, extern, is(reference, kind))

DEFINE_OWN(config)
DEFINE_OWN(engine)
DEFINE_OWN(shared_module)

DEFINE_REFERENCE_BASE(ref)
DEFINE_REFERENCE(trap, is(reference, WPGO_TRAP))
DEFINE_REFERENCE(foreign, is(reference, WPGO_FOREIGN))
DEFINE_REFERENCE(module, is(reference, WPGO_MODULE))
DEFINE_REFERENCE(instance, is(reference, WPGO_INSTANCE))
DEFINE_REFERENCE(extern, is_extern(reference))
DEFINE_EXTERNAL(func, WPGO_FUNC)
DEFINE_EXTERNAL(global, WPGO_GLOBAL)
DEFINE_EXTERNAL(table, WPGO_TABLE)
DEFINE_EXTERNAL(memory, WPGO_MEMORY)

wasm_externkind_t wasm_extern_kind(const wasm_extern_t *external) {
  return wpgo_reference_kind(external);
}
