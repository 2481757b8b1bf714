// Imports of a module "env", for wasm-pgo record --imports:
//
//     cc -shared -fPIC -ISources/CImports/include Samples/imports/library.c -o library.so
#include <stdio.h>
#include <string.h>
#include <wasm_pgo_imports.h>

// (address, size) → bytes written to standard output
static void print(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  uint32_t size = (uint32_t)arguments[1].i32;
  const char *text = call->memory(call, 0, (uint32_t)arguments[0].i32, size);
  if (!text) {
    call->trap(call, "print: out of bounds");
    return;
  }
  results[0].i32 = (int32_t)fwrite(text, 1, size, stdout);
  fflush(stdout);
}

// One of each type of numbers, to see that they arrive.
static void mix(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  (void)call;
  results[0].f64 = arguments[0].i32 + (double)arguments[1].i64 + arguments[2].f32 + arguments[3].f64;
  // What was not set is zero.
  results[1].i32 = results[1].i32 - 1;
}

static void swap(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  (void)call;
  memcpy(results[0].v128, arguments[0].v128 + 8, 8);
  memcpy(results[0].v128 + 8, arguments[0].v128, 8);
}

// Counts in the library's own data: calls of this row.
static void count(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  (void)arguments;
  results[0].i32 = ++*(int *)call->data;
}

// Calls the guest's export "twice", and passes on how that ends.
static void twice(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  if (call->call_export(call, "twice", arguments, 1, results, 1)) return;
  results[0].i32 += 1;
}

static void same_reference(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results) {
  (void)call;
  results[0] = arguments[0];
}

static int calls;

static const wasm_pgo_import functions[] = {
    {"env", "print", "(i32, i32) -> (i32)", print, NULL},
    {"env", "mix", "(i32, i64, f32, f64) -> (f64, i32)", mix, NULL},
    {"env", "swap", "(v128) -> (v128)", swap, NULL},
    {"env", "count", "() -> (i32)", count, &calls},
    {"env", "twice", "(i32) -> (i32)", twice, NULL},
    {"env", "same", "(funcref) -> (funcref)", same_reference, NULL},
};

const wasm_pgo_import_table wasm_pgo_imports = {
    WASM_PGO_IMPORTS_VERSION, sizeof functions / sizeof functions[0], functions};
