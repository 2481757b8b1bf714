// Types and vectors: plain data with owners.
#include "check.h"

static wasm_functype_t *make_function_type(void) {
  return wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_externref(), wasm_valtype_new_f64());
}

int main(void) {
  // A copy does not depend on its original.
  wasm_functype_t *type = make_function_type();
  wasm_externtype_t *copy = wasm_externtype_copy(wasm_functype_as_externtype(type));
  wasm_functype_delete(type);
  CHECK(wasm_externtype_kind(copy) == WASM_EXTERN_FUNC);
  CHECK(wasm_externtype_as_globaltype(copy) == NULL && wasm_externtype_as_memorytype_const(copy) == NULL);
  const wasm_functype_t *function = wasm_externtype_as_functype_const(copy);
  CHECK(wasm_functype_params(function)->size == 2 && wasm_functype_results(function)->size == 1);
  CHECK(wasm_valtype_kind(wasm_functype_params(function)->data[1]) == WASM_EXTERNREF);
  CHECK(wasm_valtype_is_num(wasm_functype_results(function)->data[0]));

  // Imports own names and type.
  wasm_name_t module, name;
  wasm_name_new_from_string(&module, "env");
  wasm_name_new_from_string(&name, "f");
  wasm_importtype_t *import = wasm_importtype_new(&module, &name, copy);
  wasm_importtype_t *imports[] = {import, wasm_importtype_copy(import)};
  wasm_importtype_vec_t list, second;
  wasm_importtype_vec_new(&list, 2, imports);
  wasm_importtype_vec_copy(&second, &list);
  wasm_importtype_vec_delete(&list);
  CHECK(second.size == 2 && wasm_importtype_module(second.data[1])->size == 3);
  CHECK(memcmp(wasm_importtype_name(second.data[0])->data, "f", 1) == 0);
  CHECK(wasm_externtype_kind(wasm_importtype_type(second.data[1])) == WASM_EXTERN_FUNC);
  wasm_importtype_vec_delete(&second);

  // The other kinds, through their general form.
  wasm_limits_t limits = {1, 5};
  wasm_externtype_t *types[] = {
      wasm_globaltype_as_externtype(wasm_globaltype_new(wasm_valtype_new_i64(), WASM_VAR)),
      wasm_tabletype_as_externtype(wasm_tabletype_new(wasm_valtype_new_funcref(), &limits)),
      wasm_memorytype_as_externtype(wasm_memorytype_new(&limits)),
  };
  for (int i = 0; i < 3; i++) {
    wasm_name_new_from_string(&name, "x");
    wasm_exporttype_t *export = wasm_exporttype_new(&name, types[i]);
    wasm_exporttype_t *again = wasm_exporttype_copy(export);
    wasm_exporttype_delete(export);
    CHECK(wasm_externtype_kind(wasm_exporttype_type(again)) == WASM_EXTERN_GLOBAL + i);
    if (i == 1) {
      const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(wasm_exporttype_type(again));
      CHECK(wasm_tabletype_limits(table)->max == 5);
      CHECK(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_FUNCREF);
    }
    wasm_exporttype_delete(again);
  }

  // Vectors that are empty, or not filled yet, or deleted twice.
  wasm_functype_vec_t empty, unfilled;
  wasm_functype_vec_new_empty(&empty);
  wasm_functype_vec_new_uninitialized(&unfilled, 3);
  unfilled.data[1] = make_function_type();
  wasm_functype_vec_t partial;
  wasm_functype_vec_copy(&partial, &unfilled);
  CHECK(partial.data[0] == NULL && partial.data[1] != NULL);
  wasm_functype_vec_delete(&partial);
  wasm_functype_vec_delete(&unfilled);
  wasm_functype_vec_delete(&unfilled);
  wasm_functype_vec_delete(&empty);
  wasm_functype_delete(NULL);
  wasm_externtype_delete(NULL);

  // Values own their references.
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_val_t value = WASM_REF_VAL(wasm_foreign_as_ref(wasm_foreign_new(store)));
  wasm_val_vec_t values, more;
  wasm_val_vec_new(&values, 1, &value);
  wasm_val_vec_copy(&more, &values);
  CHECK(wasm_ref_same(values.data[0].of.ref, more.data[0].of.ref));
  wasm_val_vec_delete(&values);
  CHECK(wasm_ref_as_foreign(more.data[0].of.ref) != NULL && wasm_ref_as_func(more.data[0].of.ref) == NULL);
  wasm_val_vec_delete(&more);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
