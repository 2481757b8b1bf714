// Types, and what describes imports, exports and frames: plain data.
#include <stdlib.h>

#include "objects.h"

// MARK: Values

wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind) {
  wasm_valtype_t *type = wpgo_zeroed(1, sizeof *type);
  type->kind = kind;
  return type;
}

void wasm_valtype_delete(wasm_valtype_t *type) { free(type); }
wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *type) { return wasm_valtype_new(type->kind); }
wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *type) { return type->kind; }

// MARK: Externals

wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params, wasm_valtype_vec_t *results) {
  wasm_functype_t *type = wpgo_zeroed(1, sizeof *type);
  type->base.kind = WASM_EXTERN_FUNC;
  type->params = *params;
  type->results = *results;
  return type;
}

void wasm_functype_delete(wasm_functype_t *type) {
  if (type == NULL) return;
  wasm_valtype_vec_delete(&type->params);
  wasm_valtype_vec_delete(&type->results);
  free(type);
}

wasm_functype_t *wasm_functype_copy(const wasm_functype_t *type) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_copy(&params, &type->params);
  wasm_valtype_vec_copy(&results, &type->results);
  wasm_functype_t *copy = wasm_functype_new(&params, &results);
  copy->base = type->base;
  return copy;
}

const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *type) { return &type->params; }
const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *type) { return &type->results; }

wasm_globaltype_t *wasm_globaltype_new(wasm_valtype_t *content, wasm_mutability_t mutability) {
  wasm_globaltype_t *type = wpgo_zeroed(1, sizeof *type);
  type->base.kind = WASM_EXTERN_GLOBAL;
  type->content = content;
  type->mutability = mutability;
  return type;
}

void wasm_globaltype_delete(wasm_globaltype_t *type) {
  if (type == NULL) return;
  wasm_valtype_delete(type->content);
  free(type);
}

wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *type) {
  return wasm_globaltype_new(wasm_valtype_copy(type->content), type->mutability);
}

const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *type) { return type->content; }
wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *type) { return type->mutability; }

wasm_tabletype_t *wasm_tabletype_new(wasm_valtype_t *element, const wasm_limits_t *limits) {
  wasm_tabletype_t *type = wpgo_zeroed(1, sizeof *type);
  type->base.kind = WASM_EXTERN_TABLE;
  type->element = element;
  type->limits = *limits;
  return type;
}

void wasm_tabletype_delete(wasm_tabletype_t *type) {
  if (type == NULL) return;
  wasm_valtype_delete(type->element);
  free(type);
}

wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *type) {
  return wasm_tabletype_new(wasm_valtype_copy(type->element), &type->limits);
}

const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *type) { return type->element; }
const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *type) { return &type->limits; }

wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits) {
  wasm_memorytype_t *type = wpgo_zeroed(1, sizeof *type);
  type->base.kind = WASM_EXTERN_MEMORY;
  type->limits = *limits;
  return type;
}

void wasm_memorytype_delete(wasm_memorytype_t *type) { free(type); }
wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *type) {
  return wasm_memorytype_new(&type->limits);
}
const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *type) { return &type->limits; }

wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *type) { return type->kind; }

// Back and forth: NULL if it is another kind.
#define DEFINE_CONVERSIONS(name, number) \
  wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *type) { return &type->base; } \
  const wasm_externtype_t *wasm_##name##_as_externtype_const(const wasm_##name##_t *type) { \
    return &type->base; \
  } \
  wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *type) { \
    return type->kind == number ? (wasm_##name##_t *)type : NULL; \
  } \
  const wasm_##name##_t *wasm_externtype_as_##name##_const(const wasm_externtype_t *type) { \
    return type->kind == number ? (const wasm_##name##_t *)type : NULL; \
  }

DEFINE_CONVERSIONS(functype, WASM_EXTERN_FUNC)
DEFINE_CONVERSIONS(globaltype, WASM_EXTERN_GLOBAL)
DEFINE_CONVERSIONS(tabletype, WASM_EXTERN_TABLE)
DEFINE_CONVERSIONS(memorytype, WASM_EXTERN_MEMORY)

void wasm_externtype_delete(wasm_externtype_t *type) {
  if (type == NULL) return;
  switch (type->kind) {
  case WASM_EXTERN_GLOBAL: wasm_globaltype_delete((wasm_globaltype_t *)type); break;
  case WASM_EXTERN_TABLE: wasm_tabletype_delete((wasm_tabletype_t *)type); break;
  case WASM_EXTERN_MEMORY: wasm_memorytype_delete((wasm_memorytype_t *)type); break;
  default: wasm_functype_delete((wasm_functype_t *)type);
  }
}

wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *type) {
  switch (type->kind) {
  case WASM_EXTERN_GLOBAL: return &wasm_globaltype_copy((const wasm_globaltype_t *)type)->base;
  case WASM_EXTERN_TABLE: return &wasm_tabletype_copy((const wasm_tabletype_t *)type)->base;
  case WASM_EXTERN_MEMORY: return &wasm_memorytype_copy((const wasm_memorytype_t *)type)->base;
  default: return &wasm_functype_copy((const wasm_functype_t *)type)->base;
  }
}

// MARK: Imports and exports

wasm_importtype_t *wasm_importtype_new(
    wasm_name_t *module, wasm_name_t *name, wasm_externtype_t *type) {
  wasm_importtype_t *import = wpgo_zeroed(1, sizeof *import);
  import->module = *module;
  import->name = *name;
  import->type = type;
  return import;
}

void wasm_importtype_delete(wasm_importtype_t *import) {
  if (import == NULL) return;
  wasm_name_delete(&import->module);
  wasm_name_delete(&import->name);
  wasm_externtype_delete(import->type);
  free(import);
}

wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *import) {
  wasm_name_t module, name;
  wasm_name_copy(&module, &import->module);
  wasm_name_copy(&name, &import->name);
  return wasm_importtype_new(&module, &name, wasm_externtype_copy(import->type));
}

const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *import) { return &import->module; }
const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *import) { return &import->name; }
const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *import) { return import->type; }

wasm_exporttype_t *wasm_exporttype_new(wasm_name_t *name, wasm_externtype_t *type) {
  wasm_exporttype_t *export = wpgo_zeroed(1, sizeof *export);
  export->name = *name;
  export->type = type;
  return export;
}

void wasm_exporttype_delete(wasm_exporttype_t *export) {
  if (export == NULL) return;
  wasm_name_delete(&export->name);
  wasm_externtype_delete(export->type);
  free(export);
}

wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *export) {
  wasm_name_t name;
  wasm_name_copy(&name, &export->name);
  return wasm_exporttype_new(&name, wasm_externtype_copy(export->type));
}

const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *export) { return &export->name; }
const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *export) { return export->type; }

// MARK: Frames

wasm_frame_t *wpgo_frame_new(
    wasm_instance_t *instance, uint32_t function, size_t function_offset, size_t module_offset) {
  wasm_frame_t *frame = wpgo_zeroed(1, sizeof *frame);
  frame->instance = instance;
  frame->function = function;
  frame->function_offset = function_offset;
  frame->module_offset = module_offset;
  return frame;
}

void wasm_frame_delete(wasm_frame_t *frame) {
  if (frame == NULL) return;
  wasm_instance_delete(frame->instance);
  free(frame);
}

wasm_frame_t *wasm_frame_copy(const wasm_frame_t *frame) {
  wasm_instance_t *instance = frame->instance == NULL ? NULL : wasm_instance_copy(frame->instance);
  return wpgo_frame_new(instance, frame->function, frame->function_offset, frame->module_offset);
}

wasm_instance_t *wasm_frame_instance(const wasm_frame_t *frame) { return frame->instance; }
uint32_t wasm_frame_func_index(const wasm_frame_t *frame) { return frame->function; }
size_t wasm_frame_func_offset(const wasm_frame_t *frame) { return frame->function_offset; }
size_t wasm_frame_module_offset(const wasm_frame_t *frame) { return frame->module_offset; }
