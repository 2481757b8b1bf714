// The standard C API of WebAssembly engines, as this library has it. The names, types and meanings are those of
// https://github.com/WebAssembly/wasm-c-api: a program that was written for them needs no change. What the standard leaves open is said here;
// what it lacks is in wasm_pgo.h.
//
// Ownership. `own` marks what changes its owner: an own parameter goes over to the callee, an own result belongs to the caller, and an own
// parameter named `out` points to memory that the callee fills with what belongs to the caller. Everything else is borrowed for the call; what a
// getter returns without `own` lives as long as what it was asked of. Each owner deletes what it owns, once; NULL may be deleted. To own a vector
// is to own its elements.
//
// References (func, global, table, memory, extern, trap, foreign, module, instance, ref) are counted: a copy is one more owner of the same thing,
// not a second thing.
//
// Threads. A store, and all that was made in it, is used by one thread at a time. Engines and shared modules serve several at once.
//
// Failures. Constructors return NULL, other functions false or an empty vector; wasm_pgo_last_error() says why. Pointers must not be NULL unless
// it says so.
#ifndef WASM_H
#define WASM_H

#include <assert.h>  // Programs rely on it.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#define WASM_API_EXTERN
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define own

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

///////////////////////////////////////////////////////////////////////////////
// What many types have in common; undefined again at the end

// An opaque type, and the end of what is owned of it.
#define WPGO_OPAQUE(name) \
  typedef struct wasm_##name##_t wasm_##name##_t; \
  WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t *);

// A vector: `star` is `*` if the elements are pointers. `new` takes over the elements of an array, but not the array; `copy` copies each element;
// `new_uninitialized` leaves them to be filled (pointers are NULL). An empty vector has NULL for its data.
#define WPGO_VECTOR(name, star) \
  typedef struct wasm_##name##_vec_t { \
    size_t size; \
    wasm_##name##_t star *data; \
  } wasm_##name##_vec_t; \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(own wasm_##name##_vec_t *out); \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(own wasm_##name##_vec_t *out, size_t size); \
  WASM_API_EXTERN void wasm_##name##_vec_new(own wasm_##name##_vec_t *out, size_t size, own wasm_##name##_t star const elements[]); \
  WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t *out, const wasm_##name##_vec_t *); \
  WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t *);

#define WPGO_COPY(name) WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);

// Plain data that is copied as a whole.
#define WPGO_TYPE(name) \
  WPGO_OPAQUE(name) \
  WPGO_VECTOR(name, *) \
  WPGO_COPY(name)

// A reference. `same`: whether both are the same thing. A thing has one pointer of the host's, for whatever the host likes; the finalizer runs when
// the thing ends or the pointer is replaced.
#define WPGO_REFERENCE(name) \
  WPGO_OPAQUE(name) \
  WPGO_COPY(name) \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t *, const wasm_##name##_t *); \
  WASM_API_EXTERN void *wasm_##name##_get_host_info(const wasm_##name##_t *); \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t *, void *info); \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t *, void *info, void (*finalizer)(void *info));

// Conversions of a kind `name` to a `general` one, which always succeed, and back, which give NULL if it is of another kind. They change no owner.
#define WPGO_IS_A(name, general) \
  WASM_API_EXTERN wasm_##general##_t *wasm_##name##_as_##general(wasm_##name##_t *); \
  WASM_API_EXTERN const wasm_##general##_t *wasm_##name##_as_##general##_const(const wasm_##name##_t *); \
  WASM_API_EXTERN wasm_##name##_t *wasm_##general##_as_##name(wasm_##general##_t *); \
  WASM_API_EXTERN const wasm_##name##_t *wasm_##general##_as_##name##_const(const wasm_##general##_t *);

///////////////////////////////////////////////////////////////////////////////
// Bytes and names

typedef byte_t wasm_byte_t;
WPGO_VECTOR(byte, )

// UTF-8, without a zero at its end.
typedef wasm_byte_vec_t wasm_name_t;

#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized  // As the standard spells it.
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *string) {
  wasm_name_new(out, strlen(string), string);
}
// With its zero, as messages of traps have it.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *string) {
  wasm_name_new(out, strlen(string) + 1, string);
}

///////////////////////////////////////////////////////////////////////////////
// Engine and store

WPGO_OPAQUE(config)
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

WPGO_OPAQUE(engine)
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new_with_config(own wasm_config_t *);

// Owns everything that is made in it. What the host has not deleted by then keeps the store's memory; deleting it later is harmless.
WPGO_OPAQUE(store)
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *);

///////////////////////////////////////////////////////////////////////////////
// Types of values

typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum {
  WASM_I32 = 0,
  WASM_I64 = 1,
  WASM_F32 = 2,
  WASM_F64 = 3,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF = 129,
};

WPGO_TYPE(valtype)
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t);
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *);

static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) { return kind >= WASM_EXTERNREF; }
static inline bool wasm_valkind_is_num(wasm_valkind_t kind) { return !wasm_valkind_is_ref(kind); }
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *type) { return wasm_valkind_is_ref(wasm_valtype_kind(type)); }
static inline bool wasm_valtype_is_num(const wasm_valtype_t *type) { return wasm_valkind_is_num(wasm_valtype_kind(type)); }

///////////////////////////////////////////////////////////////////////////////
// Types of externals

WPGO_TYPE(functype)
WASM_API_EXTERN own wasm_functype_t *wasm_functype_new(own wasm_valtype_vec_t *params, own wasm_valtype_vec_t *results);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *);

typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST, WASM_VAR };

WPGO_TYPE(globaltype)
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(own wasm_valtype_t *content, wasm_mutability_t);
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *);
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *);

// Of tables in elements, of memories in pages.
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;

// No maximum.
static const uint32_t wasm_limits_max_default = UINT32_MAX;

WPGO_TYPE(tabletype)
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(own wasm_valtype_t *element, const wasm_limits_t *);
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *);

WPGO_TYPE(memorytype)
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *);

// Any of the four. Externals of a further kind, tags of exceptions, have a number above these.
typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum { WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE, WASM_EXTERN_MEMORY };

WPGO_TYPE(externtype)
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *);
WPGO_IS_A(functype, externtype)
WPGO_IS_A(globaltype, externtype)
WPGO_IS_A(tabletype, externtype)
WPGO_IS_A(memorytype, externtype)

WPGO_TYPE(importtype)
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_new(own wasm_name_t *module, own wasm_name_t *name, own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *);

WPGO_TYPE(exporttype)
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_new(own wasm_name_t *name, own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *);

///////////////////////////////////////////////////////////////////////////////
// References and values

WPGO_REFERENCE(ref)

// A value that is a reference owns it; NULL is the null reference.
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    wasm_ref_t *ref;
  } of;
} wasm_val_t;

WPGO_VECTOR(val, )
WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *);
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *);

///////////////////////////////////////////////////////////////////////////////
// Instances, which come first because frames name them

WPGO_REFERENCE(instance)
WPGO_IS_A(instance, ref)

///////////////////////////////////////////////////////////////////////////////
// Traps

// A function that was active when a trap happened. Offsets are of the instruction: in bytes from the beginning of the function's code entry, and of
// the module. The instance is NULL if it is not known.
WPGO_TYPE(frame)
WASM_API_EXTERN wasm_instance_t *wasm_frame_instance(const wasm_frame_t *);
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *);
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *);

// With a zero at its end.
typedef wasm_name_t wasm_message_t;

WPGO_REFERENCE(trap)
WPGO_IS_A(trap, ref)
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *, const wasm_message_t *);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *, own wasm_message_t *out);
// The innermost frame; NULL if there is none. The trace begins with it.
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *);
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *, own wasm_frame_vec_t *out);

///////////////////////////////////////////////////////////////////////////////
// Things of the host's, to be passed as externref

WPGO_REFERENCE(foreign)
WPGO_IS_A(foreign, ref)
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *);

///////////////////////////////////////////////////////////////////////////////
// Modules

WPGO_REFERENCE(module)
WPGO_IS_A(module, ref)
WASM_API_EXTERN own wasm_module_t *wasm_module_new(wasm_store_t *, const wasm_byte_vec_t *binary);
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *, const wasm_byte_vec_t *binary);
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t *, own wasm_importtype_vec_t *out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t *, own wasm_exporttype_vec_t *out);

// The bytes of an artefact. Making one takes the compiler: wasm_pgo_has_feature("compiler").
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *, own wasm_byte_vec_t *out);
// Contains machine code: only from whom you trust.
WASM_API_EXTERN own wasm_module_t *wasm_module_deserialize(wasm_store_t *, const wasm_byte_vec_t *);

// A module that other stores, on other threads too, can obtain.
WPGO_OPAQUE(shared_module)
WASM_API_EXTERN own wasm_shared_module_t *wasm_module_share(const wasm_module_t *);
WASM_API_EXTERN own wasm_module_t *wasm_module_obtain(wasm_store_t *, const wasm_shared_module_t *);

///////////////////////////////////////////////////////////////////////////////
// Functions

// Fills as many results as the function's type has and returns NULL, or returns a trap.
typedef own wasm_trap_t *(*wasm_func_callback_t)(const wasm_val_vec_t *args, own wasm_val_vec_t *results);
typedef own wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env, const wasm_val_vec_t *args, own wasm_val_vec_t *results);

WPGO_REFERENCE(func)
WPGO_IS_A(func, ref)
WASM_API_EXTERN own wasm_func_t *wasm_func_new(wasm_store_t *, const wasm_functype_t *, wasm_func_callback_t);
// The finalizer, which may be NULL, runs when the function ends, or when it could not be made.
WASM_API_EXTERN own wasm_func_t *wasm_func_new_with_env(
    wasm_store_t *, const wasm_functype_t *, wasm_func_callback_with_env_t, void *env, void (*finalizer)(void *env));
WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *);
// NULL, or the trap that ended the call; only then are there no results. They overwrite what is in the vector.
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(const wasm_func_t *, const wasm_val_vec_t *args, own wasm_val_vec_t *results);

///////////////////////////////////////////////////////////////////////////////
// Globals

WPGO_REFERENCE(global)
WPGO_IS_A(global, ref)
WASM_API_EXTERN own wasm_global_t *wasm_global_new(wasm_store_t *, const wasm_globaltype_t *, const wasm_val_t *);
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *);
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *, own wasm_val_t *out);
WASM_API_EXTERN void wasm_global_set(wasm_global_t *, const wasm_val_t *);

///////////////////////////////////////////////////////////////////////////////
// Tables

typedef uint32_t wasm_table_size_t;

WPGO_REFERENCE(table)
WPGO_IS_A(table, ref)
// The initial element may be NULL, the null reference; so may elements elsewhere. A copy is stored.
WASM_API_EXTERN own wasm_table_t *wasm_table_new(wasm_store_t *, const wasm_tabletype_t *, wasm_ref_t *init);
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *);
// NULL beyond the end, too.
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *, wasm_table_size_t index);
WASM_API_EXTERN bool wasm_table_set(wasm_table_t *, wasm_table_size_t index, wasm_ref_t *);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t *, wasm_table_size_t delta, wasm_ref_t *init);

///////////////////////////////////////////////////////////////////////////////
// Memories

typedef uint32_t wasm_memory_pages_t;

// Bytes of a page.
static const size_t MEMORY_PAGE_SIZE = 65536;

WPGO_REFERENCE(memory)
WPGO_IS_A(memory, ref)
WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(wasm_store_t *, const wasm_memorytype_t *);
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *);
WASM_API_EXTERN byte_t *wasm_memory_data(wasm_memory_t *);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *);
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *);
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *, wasm_memory_pages_t delta);

///////////////////////////////////////////////////////////////////////////////
// Externals: what is imported and exported

WPGO_REFERENCE(extern)
WPGO_IS_A(extern, ref)
WPGO_VECTOR(extern, *)
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *);
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *);
WPGO_IS_A(func, extern)
WPGO_IS_A(global, extern)
WPGO_IS_A(table, extern)
WPGO_IS_A(memory, extern)

///////////////////////////////////////////////////////////////////////////////
// Instantiation

// The imports are in the order of the module's. `trap`, which may be NULL, is set to the trap if initialization or the start function trapped, and
// else to NULL.
WASM_API_EXTERN own wasm_instance_t *wasm_instance_new(
    wasm_store_t *, const wasm_module_t *, const wasm_extern_vec_t *imports, own wasm_trap_t **trap);
// In the order of the module's.
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t *, own wasm_extern_vec_t *out);

///////////////////////////////////////////////////////////////////////////////
// Shorthands

#define WASM_EMPTY_VEC {0, NULL}
// Of an array, which it borrows: it must not be deleted.
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof((array)[0]), (array)}

#define WASM_I32_VAL(number) {.kind = WASM_I32, .of = {.i32 = (number)}}
#define WASM_I64_VAL(number) {.kind = WASM_I64, .of = {.i64 = (number)}}
#define WASM_F32_VAL(number) {.kind = WASM_F32, .of = {.f32 = (number)}}
#define WASM_F64_VAL(number) {.kind = WASM_F64, .of = {.f64 = (number)}}
#define WASM_REF_VAL(reference) {.kind = WASM_EXTERNREF, .of = {.ref = (reference)}}
#define WASM_INIT_VAL WASM_REF_VAL(NULL)

// A pointer of the host's as a value of type i64.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *pointer) {
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)pointer;
}
static inline void *wasm_val_ptr(const wasm_val_t *value) { return (void *)(intptr_t)value->of.i64; }

static inline own wasm_valtype_t *wasm_valtype_new_i32(void) { return wasm_valtype_new(WASM_I32); }
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) { return wasm_valtype_new(WASM_I64); }
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) { return wasm_valtype_new(WASM_F32); }
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) { return wasm_valtype_new(WASM_F64); }
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) { return wasm_valtype_new(WASM_EXTERNREF); }
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) { return wasm_valtype_new(WASM_FUNCREF); }

// wasm_functype_new_M_N: M parameters, then N results.
static inline own wasm_functype_t *wpgo_functype_new(size_t m, size_t n, own wasm_valtype_t *const types[]) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, m, types);
  wasm_valtype_vec_new(&results, n, types + m);
  return wasm_functype_new(&params, &results);
}

#define WPGO_FUNCTYPE(m, n, parameters, ...) \
  static inline own wasm_functype_t *wasm_functype_new_##m##_##n parameters { \
    wasm_valtype_t *const types[] = {__VA_ARGS__}; \
    return wpgo_functype_new(m, n, types); \
  }
#define WPGO_T own wasm_valtype_t *

WPGO_FUNCTYPE(0, 0, (void), NULL)
WPGO_FUNCTYPE(1, 0, (WPGO_T p), p)
WPGO_FUNCTYPE(2, 0, (WPGO_T p1, WPGO_T p2), p1, p2)
WPGO_FUNCTYPE(3, 0, (WPGO_T p1, WPGO_T p2, WPGO_T p3), p1, p2, p3)
WPGO_FUNCTYPE(0, 1, (WPGO_T r), r)
WPGO_FUNCTYPE(1, 1, (WPGO_T p, WPGO_T r), p, r)
WPGO_FUNCTYPE(2, 1, (WPGO_T p1, WPGO_T p2, WPGO_T r), p1, p2, r)
WPGO_FUNCTYPE(3, 1, (WPGO_T p1, WPGO_T p2, WPGO_T p3, WPGO_T r), p1, p2, p3, r)
WPGO_FUNCTYPE(0, 2, (WPGO_T r1, WPGO_T r2), r1, r2)
WPGO_FUNCTYPE(1, 2, (WPGO_T p, WPGO_T r1, WPGO_T r2), p, r1, r2)
WPGO_FUNCTYPE(2, 2, (WPGO_T p1, WPGO_T p2, WPGO_T r1, WPGO_T r2), p1, p2, r1, r2)
WPGO_FUNCTYPE(3, 2, (WPGO_T p1, WPGO_T p2, WPGO_T p3, WPGO_T r1, WPGO_T r2), p1, p2, p3, r1, r2)

#undef WPGO_T
#undef WPGO_FUNCTYPE
#undef WPGO_IS_A
#undef WPGO_REFERENCE
#undef WPGO_TYPE
#undef WPGO_COPY
#undef WPGO_VECTOR
#undef WPGO_OPAQUE
#undef own

#ifdef __cplusplus
}
#endif

#endif
