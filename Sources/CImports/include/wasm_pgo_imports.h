/* Functions that a module imports, in a shared object: wasm-pgo record app.wasm --imports LIBRARY (also run and verify).
 *
 * The library defines one symbol, a table of its functions:
 *
 *     static void print(wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments, wasm_pgo_import_value *results) {
 *       const char *text = call->memory(call, 0, (uint32_t)arguments[0].i32, (uint32_t)arguments[1].i32);
 *       if (!text) { call->trap(call, "print: out of bounds"); return; }
 *       results[0].i32 = (int32_t)fwrite(text, 1, (uint32_t)arguments[1].i32, stdout);
 *     }
 *     static const wasm_pgo_import functions[] = {{"env", "print", "(i32, i32) -> (i32)", print, NULL}};
 *     const wasm_pgo_import_table wasm_pgo_imports = {WASM_PGO_IMPORTS_VERSION, 1, functions};
 *
 *     cc -shared -fPIC library.c -o library.so
 *
 * It needs nothing of wasm-pgo but this header. It is native code in wasm-pgo's process, and trusted like it: what a guest passes to it
 * is not.
 *
 * Who owns what: the table, its rows and their strings are the library's, and must not change after it is loaded. The library is never
 * unloaded. What a call gets is valid until the function returns, on the thread that called it. A function must return: it must not
 * leave by longjmp or an exception.
 */
#ifndef WASM_PGO_IMPORTS_H
#define WASM_PGO_IMPORTS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. A library of another version is refused. */
#define WASM_PGO_IMPORTS_VERSION 1

/* A value, by its type. References are handles: 0 is null. An externref is any number that the library likes; a funcref is good only to be
 * passed back to the guest. */
typedef union wasm_pgo_import_value {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  uint8_t v128[16];
  uint64_t reference;
} wasm_pgo_import_value;

/* One call of a function. */
typedef struct wasm_pgo_import_call wasm_pgo_import_call;
struct wasm_pgo_import_call {
  /* WASM_PGO_IMPORTS_VERSION of who calls. */
  uint32_t version;
  /* Not the library's. */
  void *host;
  /* As in the function's row. */
  void *data;

  /* The bytes from `address` to `address + size` of the memory with this index in the instance that imports the function (0: its first).
   * NULL if they are not all within it, or there is no such memory; never NULL otherwise. They are the guest's own: valid until the
   * function returns. */
  void *(*memory)(wasm_pgo_import_call *call, uint32_t index, uint64_t address, uint64_t size);

  /* Bytes of a memory; 0 if there is none. */
  uint64_t (*memory_size)(wasm_pgo_import_call *call, uint32_t index);

  /* Makes the call trap once the function returns, whatever its results. The message, UTF-8, is copied. */
  void (*trap)(wasm_pgo_import_call *call, const char *message);

  /* Calls an exported function of the instance that imports this one, for example its allocator.
   * Returns 0 if it returned. Otherwise (it trapped or exited, or there is none of this name with so many arguments and results) the
   * function has to return: then its own call ends in the same way. */
  int (*call_export)(
      wasm_pgo_import_call *call, const char *name, const wasm_pgo_import_value *arguments,
      uint32_t argument_count, wasm_pgo_import_value *results, uint32_t result_count);
};

/* Arguments and results are as many as the type has; results are zero at first. Either is NULL where there are none. */
typedef void wasm_pgo_import_function(
    wasm_pgo_import_call *call, const wasm_pgo_import_value *arguments,
    wasm_pgo_import_value *results);

typedef struct wasm_pgo_import {
  /* The names that modules import it by, UTF-8. */
  const char *module;
  const char *name;
  /* Types of the arguments and of the results: "(i32, i64) -> (f64)", "() -> ()". Of i32, i64, f32, f64, v128, funcref, externref.
   * A module that imports the function with another type is refused. */
  const char *type;
  wasm_pgo_import_function *function;
  /* Passed to it; the library's own. */
  void *data;
} wasm_pgo_import;

typedef struct wasm_pgo_import_table {
  /* WASM_PGO_IMPORTS_VERSION */
  uint32_t version;
  uint32_t count;
  const wasm_pgo_import *imports;
} wasm_pgo_import_table;

/* What the library defines. */
extern const wasm_pgo_import_table wasm_pgo_imports;

#ifdef __cplusplus
}
#endif
#endif
