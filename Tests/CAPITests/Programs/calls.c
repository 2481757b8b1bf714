// Calls in both directions: values, traps with frames, identity, wrong use.
#include "check.h"

static wasm_store_t *store;
static wasm_instance_t *instance;
static int finalized;

static void finalize(void *count) { ++*(int *)count; }

// Results are the arguments from last to first.
static wasm_trap_t *turn(const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  for (size_t i = 0; i < 4; i++) wasm_val_copy(&results->data[i], &arguments->data[3 - i]);
  return NULL;
}

// 0: a trap of its own. 1: that of another call. 2: a result of the wrong kind. Else: as it is.
static wasm_trap_t *callback(void *env, const wasm_val_vec_t *arguments, wasm_val_vec_t *results) {
  CHECK(env == &finalized);
  switch (arguments->data[0].of.i32) {
  case 0: {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "no");
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_name_delete(&message);
    return trap;
  }
  case 1: {
    int32_t arguments[] = {1, 0}, result;
    return call(instance, "div", 2, arguments, &result);
  }
  case 2: results->data[0] = (wasm_val_t)WASM_F64_VAL(1); return NULL;
  default: wasm_val_copy(results->data, arguments->data); return NULL;
  }
}

static void check_values(void) {
  wasm_extern_t *export;
  wasm_func_t *func = function(instance, "turned", &export);
  CHECK(wasm_func_param_arity(func) == 4 && wasm_func_result_arity(func) == 4);
  wasm_val_t in[] = {WASM_I32_VAL(-1), WASM_I64_VAL(INT64_MIN), WASM_F32_VAL(1.5f), WASM_F64_VAL(-0.25)};
  wasm_val_t out[4];
  wasm_val_vec_t arguments = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out);
  CHECK(wasm_func_call(func, &arguments, &results) == NULL);
  CHECK(out[0].kind == WASM_F64 && out[0].of.f64 == -0.25);
  CHECK(out[1].kind == WASM_F32 && out[1].of.f32 == 1.5f);
  CHECK(out[2].kind == WASM_I64 && out[2].of.i64 == INT64_MIN);
  CHECK(out[3].kind == WASM_I32 && out[3].of.i32 == -1);
  // An empty vector drops the results.
  results = (wasm_val_vec_t)WASM_EMPTY_VEC;
  CHECK(wasm_func_call(func, &arguments, &results) == NULL);
  wasm_extern_delete(export);
}

static void check_traps(void) {
  int32_t zero[] = {1, 0}, result = 5;
  wasm_trap_t *trap = call(instance, "div", 2, zero, &result);
  CHECK(trap != NULL && result == 5);
  CHECK(says(trap, "integer divide by zero") && failed(WASM_PGO_TRAP, "integer divide by zero"));
  CHECK(wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_INTEGER_DIVIDE_BY_ZERO);
  wasm_frame_t *origin = wasm_trap_origin(trap);
  CHECK(origin != NULL && wasm_frame_func_index(origin) == 4 && wasm_frame_instance(origin) == instance);
  CHECK(wasm_frame_func_offset(origin) == 5);
  wasm_frame_t *copy = wasm_frame_copy(origin);
  CHECK(wasm_frame_module_offset(copy) == wasm_frame_module_offset(origin));
  wasm_frame_delete(copy);
  wasm_frame_delete(origin);
  // A copy is the same.
  wasm_trap_t *same = wasm_trap_copy(trap);
  CHECK(wasm_trap_same(trap, same) && wasm_ref_as_trap(wasm_trap_as_ref(same)) == trap);
  wasm_trap_delete(same);
  wasm_trap_delete(trap);

  // A host function's own trap has the frames of its callers.
  int32_t own[] = {0};
  trap = call(instance, "outer", 1, own, &result);
  CHECK(trap != NULL && says(trap, "no") && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_HOST);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 1 && wasm_frame_func_index(trace.data[0]) == 5);
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(trap);

  // One that comes through a host function has those of both calls.
  int32_t through[] = {1};
  trap = call(instance, "outer", 1, through, &result);
  CHECK(trap != NULL && wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_INTEGER_DIVIDE_BY_ZERO);
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 2 && wasm_frame_func_index(trace.data[0]) == 4 && wasm_frame_func_index(trace.data[1]) == 5);
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(trap);

  // What nothing catches.
  trap = call(instance, "throw", 0, NULL, NULL);
  CHECK(trap != NULL && says(trap, "uncaught exception (i32 7)"));
  CHECK(wasm_pgo_trap_code(trap) == WASM_PGO_TRAP_EXCEPTION);
  wasm_trap_delete(trap);
}

static void check_wrong_use(void) {
  int32_t two[] = {2}, result;
  wasm_trap_t *trap = call(instance, "outer", 1, two, &result);
  CHECK(trap != NULL && says(trap, "a value of kind 3 where i32 is expected"));
  wasm_trap_delete(trap);
  trap = call(instance, "add", 1, two, &result);
  CHECK(trap != NULL && says(trap, "1 arguments for 2 parameters") && failed(WASM_PGO_USAGE, "1 arguments"));
  wasm_trap_delete(trap);

  wasm_extern_t *export;
  wasm_val_t value = WASM_INIT_VAL, out = WASM_INIT_VAL;
  wasm_val_vec_t in = {1, &value}, results = {1, &out};
  trap = wasm_func_call(function(instance, "lanes", &export), &in, &results);
  CHECK(trap != NULL && says(trap, "cannot pass"));
  wasm_trap_delete(trap);
  wasm_extern_delete(export);

  // A null where none may be; a thing that is no function; a function of another store.
  wasm_func_t *typed = function(instance, "typed", &export);
  trap = wasm_func_call(typed, &in, &results);
  CHECK(trap != NULL && says(trap, "a reference that is no (ref func)"));
  wasm_trap_delete(trap);
  value.of.ref = wasm_foreign_as_ref(wasm_foreign_new(store));
  trap = wasm_func_call(typed, &in, &results);
  CHECK(trap != NULL && failed(WASM_PGO_USAGE, "a reference that is no (ref func) of this store"));
  wasm_trap_delete(trap);
  wasm_val_delete(&value);
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *other = wasm_store_new(engine);
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasm_func_t *foreign = wasm_func_new(other, type, turn);
  value = (wasm_val_t)WASM_REF_VAL(wasm_func_as_ref(foreign));
  trap = wasm_func_call(typed, &in, &results);
  CHECK(trap != NULL && failed(WASM_PGO_USAGE, "of this store"));
  wasm_trap_delete(trap);
  // One of this store comes back the same.
  value = (wasm_val_t)WASM_REF_VAL(wasm_func_as_ref(typed));
  CHECK(wasm_func_call(typed, &in, &results) == NULL);
  CHECK(out.kind == WASM_FUNCREF && wasm_ref_same(out.of.ref, value.of.ref));
  wasm_val_delete(&out);
  wasm_extern_delete(export);
  wasm_functype_delete(type);
  // What is left of a store may be deleted after it.
  wasm_store_delete(other);
  wasm_func_delete(foreign);
  wasm_engine_delete(engine);

  // Vectors cannot be values, not even of globals.
  export = wasm_pgo_instance_export(instance, "vector");
  wasm_global_get(wasm_extern_as_global(export), &out);
  CHECK(out.kind == WASM_PGO_V128 && failed(WASM_PGO_USAGE, "v128"));
  wasm_extern_delete(export);
  // Types that a host cannot have.
  wasm_globaltype_t *global = wasm_globaltype_new(wasm_valtype_new(WASM_PGO_V128), WASM_CONST);
  CHECK(wasm_global_new(store, global, &out) == NULL && failed(WASM_PGO_USAGE, "kind 4"));
  wasm_globaltype_delete(global);
  wasm_limits_t upside_down = {5, 1}, large = {0, 65537};
  wasm_memorytype_t *memories[] = {wasm_memorytype_new(&upside_down), wasm_memorytype_new(&large)};
  for (int i = 0; i < 2; i++) {
    CHECK(wasm_memory_new(store, memories[i]) == NULL && failed(WASM_PGO_USAGE, "a memory of"));
    wasm_memorytype_delete(memories[i]);
  }
  CHECK(wasm_pgo_instance_export(instance, "none") == NULL && failed(WASM_PGO_USAGE, "'none'"));
}

// A function that cannot be made gives its environment back all the same, whatever is wrong with its type.
static void check_refused_functions(void) {
  int given_back = 0;
  wasm_functype_t *vector = wasm_functype_new_1_0(wasm_valtype_new(WASM_PGO_V128));
  CHECK(wasm_func_new_with_env(store, vector, callback, &given_back, finalize) == NULL && failed(WASM_PGO_USAGE, "kind 4"));
  CHECK(given_back == 1);
  wasm_functype_delete(vector);
  wasm_valtype_vec_t many, none = WASM_EMPTY_VEC;
  wasm_valtype_vec_new_uninitialized(&many, 1001);
  for (size_t i = 0; i < many.size; i++) many.data[i] = wasm_valtype_new_i32();
  wasm_functype_t *large = wasm_functype_new(&many, &none);
  CHECK(wasm_func_new_with_env(store, large, callback, &given_back, finalize) == NULL && failed(WASM_PGO_USAGE, "more parameters"));
  CHECK(given_back == 2);
  wasm_functype_delete(large);
}

// Messages that are too long are cut between characters.
static void check_long_messages(void) {
  char name[3001];
  for (int start = 0; start < 2; start++) {
    memset(name, 'x', start);
    for (size_t i = start; i + 1 < sizeof name; i += 2) memcpy(name + i, "\xC3\xA9", 2);
    name[sizeof name - 1 - start] = 0;
    CHECK(wasm_pgo_instance_export(instance, name) == NULL && failed(WASM_PGO_USAGE, "exports nothing"));
    const char *message = wasm_pgo_last_error();
    size_t length = strlen(message);
    CHECK(length > 1000 && message[length - 2] == '\xC3' && message[length - 1] == '\xA9');
  }
}

int main(void) {
  wasm_engine_t *engine = wasm_engine_new();
  store = wasm_store_new(engine);
  wasm_module_t *module = load(store, "calls.wasm");

  wasm_exporttype_vec_t exports;
  wasm_importtype_vec_t imports;
  wasm_module_exports(module, &exports);
  wasm_module_imports(module, &imports);
  CHECK(exports.size == 14 && imports.size == 2);
  CHECK(wasm_externtype_kind(wasm_exporttype_type(exports.data[3])) == WASM_PGO_EXTERN_TAG);

  const wasm_functype_t *types[] = {
      wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[0])),
      wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[1])),
  };
  wasm_func_t *functions[] = {
      wasm_func_new(store, types[0], turn),
      wasm_func_new_with_env(store, types[1], callback, &finalized, finalize),
  };
  wasm_extern_t *given[] = {wasm_func_as_extern(functions[0]), wasm_func_as_extern(functions[1])};
  wasm_extern_vec_t vector = WASM_ARRAY_VEC(given);

  // Imports that are missing, or the wrong ones.
  wasm_trap_t *trap = NULL;
  wasm_extern_vec_t one = {1, given};
  CHECK(wasm_instance_new(store, module, &one, &trap) == NULL);
  CHECK(trap != NULL && says(trap, "1 imports given, 2 wanted") && failed(WASM_PGO_LINK, "1 imports"));
  wasm_trap_delete(trap);
  wasm_extern_t *swapped[] = {given[1], NULL};
  wasm_extern_vec_t wrong = WASM_ARRAY_VEC(swapped);
  CHECK(wasm_instance_new(store, module, &wrong, NULL) == NULL && failed(WASM_PGO_LINK, "unknown import: host.call"));
  swapped[1] = given[0];
  CHECK(wasm_instance_new(store, module, &wrong, NULL) == NULL && failed(WASM_PGO_LINK, "incompatible import type"));

  instance = wasm_instance_new(store, module, &vector, &trap);
  CHECK(instance != NULL && trap == NULL);

  // An imported function is the same when it is exported.
  wasm_extern_t *again = wasm_pgo_instance_export(instance, "call");
  CHECK(wasm_extern_same(again, given[1]) && wasm_extern_as_func(again) == functions[1]);
  wasm_func_delete(functions[0]);
  wasm_func_delete(functions[1]);
  wasm_extern_delete(again);

  check_values();
  check_traps();
  check_wrong_use();
  check_refused_functions();
  check_long_messages();

  // Exports, and one of them as an import of another instance: it keeps its host information.
  wasm_extern_vec_t items;
  wasm_instance_exports(instance, &items);
  CHECK(items.size == exports.size);
  wasm_extern_set_host_info(items.data[3], &items);
  wasm_extern_vec_t copy;
  wasm_extern_vec_copy(&copy, &items);
  wasm_extern_vec_delete(&items);
  CHECK(wasm_extern_kind(copy.data[3]) == WASM_PGO_EXTERN_TAG && wasm_extern_get_host_info(copy.data[3]) == &items);
  for (size_t i = 0; i < copy.size; i++) {
    wasm_externtype_t *type = wasm_extern_type(copy.data[i]);
    CHECK(wasm_externtype_kind(type) == wasm_externtype_kind(wasm_exporttype_type(exports.data[i])));
    wasm_externtype_delete(type);
  }
  wasm_extern_vec_delete(&copy);

  // A finalizer runs once: when it is replaced, or when the store ends.
  int replaced = 0, kept = 0;
  wasm_instance_set_host_info_with_finalizer(instance, &replaced, finalize);
  wasm_instance_set_host_info_with_finalizer(instance, &kept, finalize);
  CHECK(replaced == 1 && kept == 0);
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
  wasm_module_delete(module);
  CHECK(kept == 0 && finalized == 0);
  int32_t zero[] = {1, 0}, result;
  wasm_trap_t *last = call(instance, "div", 2, zero, &result);
  CHECK(last != NULL);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  CHECK(kept == 1 && replaced == 1 && finalized == 0);
  // A trap that is left keeps the store's memory, and no more than itself does.
  wasm_frame_t *origin = wasm_trap_origin(last);
  CHECK(origin != NULL && wasm_frame_instance(origin) != NULL);
  wasm_frame_delete(origin);
  wasm_trap_delete(last);
  CHECK(finalized == 1);
  wasm_engine_delete(engine);
  return 0;
}
