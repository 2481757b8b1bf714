// Exceptions: their records, which are in a pool of the store, and the way from a throw to its handler.
#pragma once
#include <stdint.h>

struct wpgo_store;

// What tells exceptions apart, by its address.
struct wpgo_tag {
  // The runtime's object.
  const void *owner;
  // Bytes of a record, its header included, and where references to exceptions are among its values.
  uint32_t size, reference_count;
  uint32_t *references;
};

// ExceptionLayout. The values follow.
struct wpgo_exception {
  // While it is free: the next free one.
  const struct wpgo_tag *tag;
  // Whether others may refer to it than the throw that is under way.
  uint8_t is_exposed;
  uint8_t is_live, is_marked, is_unused;
  // References that the host holds.
  uint32_t holds;
};

// MARK: The pool
//
// A record is given back when it is caught and not exposed. Those that are exposed are found to be garbage by looking who refers to them,
// when many were made since the last time: globals, tables, the host, other exceptions; and, as any word that could be a reference, the stack
// of the store's wasm code with the registers that calls saved there, and its overflow area. So records do not move, and no code tells where
// its references are.

// Null without memory.
struct wpgo_exceptions *wpgo_exceptions_create(void);
void wpgo_exceptions_free(struct wpgo_exceptions *pool);

// What may refer to exceptions for as long as the pool lives: the 8 bytes of a global; a table's state. Return 0 without memory.
int wpgo_exceptions_add_global(struct wpgo_exceptions *pool, const uint64_t *global);
int wpgo_exceptions_add_table(struct wpgo_exceptions *pool, const char *table);

// Bytes of the records in use, garbage that was not found yet included; and the limit on them.
uint64_t wpgo_exceptions_used(const struct wpgo_exceptions *pool);
void wpgo_exceptions_set_limit(struct wpgo_exceptions *pool, uint64_t bytes);

// For the host: an exception whose values are undefined; null where the limit or memory ends.
struct wpgo_exception *wpgo_exception_make(struct wpgo_store *store, const struct wpgo_tag *tag);
// Frees what nothing refers to, while no code of the store runs.
void wpgo_exceptions_collect(struct wpgo_store *store);

// RuntimeCall.dropException
uint64_t wpgo_drop_exception(const char *context, struct wpgo_exception *exception);

// MARK: The way to a handler

// Optimized code of an artefact, at `start` up to `end`: HandlerTable's rows, which must live as long as the store. Offsets in them count
// from `text`.
struct wpgo_frames {
  uintptr_t start, end, text;
  const uint32_t *functions, *sites;
  // Without the last row, which ends the others.
  uint32_t function_count;
};

// Tells the store how frames of optimized code are left. All other frames of wasm code are those of baseline code. Returns 0 without memory.
int wpgo_add_frames(struct wpgo_store *store, const struct wpgo_frames *frames);
