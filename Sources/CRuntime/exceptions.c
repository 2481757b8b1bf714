#include "exceptions.h"
#include "calls.h"
#include "layout.h"
#include "store.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(type, field, offset) \
  _Static_assert(offsetof(struct type, field) == (offset), #field)
CHECK(wpgo_exception, tag, 0);
CHECK(wpgo_exception, is_exposed, 8);
CHECK(wpgo_store, thrown, STORE_THROWN);
_Static_assert(sizeof(struct wpgo_exception) == 16, "the header");

enum {
  // Records of a chunk have one size: 32 bytes, or the next power of 2. The largest is that of 1,000 vectors.
  smallest = 32,
  class_count = 10,
  chunk_size = 1 << 16,
  chunk_header = 64,
  // Bytes of new records before it is worth looking for garbage.
  patience = 1 << 20,
  patience_between_calls = 1 << 16,
};

_Static_assert((smallest << (class_count - 1)) >= 16 + 16 * 1000, "a class for every tag");

struct chunk {
  uint32_t slot_size, slot_count;
};

struct list {
  const void **items;
  size_t count, capacity;
};

struct wpgo_exceptions {
  struct wpgo_exception *free[class_count];
  // In bytes: live records, those made since the last collection, when that is next, and what there may be.
  uint64_t used, fresh, threshold, limit;
  // Ascending.
  struct list chunks;
  struct list globals, tables;
};

static int append(struct list *list, const void *item) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 8;
    const void **items = realloc(list->items, capacity * sizeof *items);
    if (!items) return 0;
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = item;
  return 1;
}

struct wpgo_exceptions *wpgo_exceptions_create(void) {
  struct wpgo_exceptions *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->threshold = patience;
  pool->limit = UINT64_MAX;
  return pool;
}

void wpgo_exceptions_free(struct wpgo_exceptions *pool) {
  for (size_t i = 0; i < pool->chunks.count; i++) free((void *)pool->chunks.items[i]);
  free(pool->chunks.items);
  free(pool->globals.items);
  free(pool->tables.items);
  free(pool);
}

int wpgo_exceptions_add_global(struct wpgo_exceptions *pool, const uint64_t *global) {
  return append(&pool->globals, global);
}

int wpgo_exceptions_add_table(struct wpgo_exceptions *pool, const char *table) {
  return append(&pool->tables, table);
}

uint64_t wpgo_exceptions_used(const struct wpgo_exceptions *pool) { return pool->used; }

void wpgo_exceptions_set_limit(struct wpgo_exceptions *pool, uint64_t bytes) { pool->limit = bytes; }

// MARK: Records

static int class_of(uint32_t size) {
  return size <= smallest ? 0 : 27 - __builtin_clz(size - 1);
}

static struct chunk *chunk_of(const void *record) {
  return (struct chunk *)((uintptr_t)record & ~(uintptr_t)(chunk_size - 1));
}

static struct wpgo_exception *slot(struct chunk *chunk, uint32_t number) {
  return (struct wpgo_exception *)((char *)chunk + chunk_header + (size_t)number * chunk->slot_size);
}

static void put(struct wpgo_exceptions *pool, struct wpgo_exception *record, uint32_t size) {
  struct wpgo_exception **head = &pool->free[class_of(size)];
  record->tag = (const struct wpgo_tag *)*head;
  record->is_live = 0;
  *head = record;
}

static void release(struct wpgo_exceptions *pool, struct wpgo_exception *record) {
  uint32_t size = chunk_of(record)->slot_size;
  put(pool, record, size);
  pool->used -= size;
}

// How many chunks lie below an address.
static size_t chunks_below(const struct wpgo_exceptions *pool, uintptr_t address) {
  size_t low = 0, high = pool->chunks.count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if ((uintptr_t)pool->chunks.items[middle] < address) low = middle + 1; else high = middle;
  }
  return low;
}

static int add_chunk(struct wpgo_exceptions *pool, int class) {
  struct chunk *chunk = aligned_alloc(chunk_size, chunk_size);
  if (!chunk || !append(&pool->chunks, chunk)) {
    free(chunk);
    return 0;
  }
  size_t place = pool->chunks.count - 1;
  const void **items = pool->chunks.items;
  for (; place > 0 && items[place - 1] > (const void *)chunk; place--)
    items[place] = items[place - 1];
  items[place] = chunk;
  chunk->slot_size = (uint32_t)smallest << class;
  chunk->slot_count = (chunk_size - chunk_header) / chunk->slot_size;
  for (uint32_t number = chunk->slot_count; number > 0; number--) {
    struct wpgo_exception *record = slot(chunk, number - 1);
    *record = (struct wpgo_exception){0};
    put(pool, record, chunk->slot_size);
  }
  return 1;
}

// MARK: Garbage

// The live record that an address lies in; null for all others.
static struct wpgo_exception *record_at(const struct wpgo_exceptions *pool, uint64_t address) {
  struct chunk *chunk = chunk_of((const void *)address);
  size_t place = chunks_below(pool, (uintptr_t)chunk);
  if (place == pool->chunks.count || pool->chunks.items[place] != (const void *)chunk) return NULL;
  uint64_t offset = address - (uintptr_t)chunk;
  if (offset < chunk_header) return NULL;
  uint32_t number = (uint32_t)((offset - chunk_header) / chunk->slot_size);
  if (number >= chunk->slot_count) return NULL;
  struct wpgo_exception *record = slot(chunk, number);
  return record->is_live ? record : NULL;
}

static void mark(struct list *work, struct wpgo_exception *record) {
  if (!record || record->is_marked) return;
  record->is_marked = 1;
  // There is room for all.
  work->items[work->count++] = record;
}

static void mark_words(
    const struct wpgo_exceptions *pool, struct list *work, uintptr_t low, uintptr_t high) {
  uintptr_t first = (uintptr_t)pool->chunks.items[0];
  uintptr_t last = (uintptr_t)pool->chunks.items[pool->chunks.count - 1] + chunk_size;
  for (uintptr_t place = low; place < high; place += 8) {
    uint64_t word = *(const uint64_t *)place;
    if (word - first < last - first) mark(work, record_at(pool, word));
  }
}

static void mark_roots(const struct wpgo_exceptions *pool, struct list *work) {
  for (size_t i = 0; i < pool->globals.count; i++)
    mark(work, record_at(pool, *(const uint64_t *)pool->globals.items[i]));
  for (size_t i = 0; i < pool->tables.count; i++) {
    const char *table = pool->tables.items[i];
    const uint64_t *elements = *(const uint64_t *const *)(table + wpgo_table_elements);
    uint64_t count = *(const uint64_t *)(table + wpgo_table_length);
    for (uint64_t j = 0; j < count; j++) mark(work, record_at(pool, elements[j]));
  }
  for (size_t i = 0; i < pool->chunks.count; i++) {
    struct chunk *chunk = (struct chunk *)pool->chunks.items[i];
    for (uint32_t j = 0; j < chunk->slot_count; j++) {
      struct wpgo_exception *record = slot(chunk, j);
      if (record->is_live && record->holds) mark(work, record);
    }
  }
}

static void mark_values(const struct wpgo_exceptions *pool, struct list *work) {
  while (work->count > 0) {
    const struct wpgo_exception *record = work->items[--work->count];
    for (uint32_t i = 0; i < record->tag->reference_count; i++) {
      const char *place = (const char *)record + record->tag->references[i];
      mark(work, record_at(pool, *(const uint64_t *)place));
    }
  }
}

static void sweep(struct wpgo_exceptions *pool) {
  for (size_t i = 0; i < pool->chunks.count; i++) {
    struct chunk *chunk = (struct chunk *)pool->chunks.items[i];
    for (uint32_t j = 0; j < chunk->slot_count; j++) {
      struct wpgo_exception *record = slot(chunk, j);
      if (record->is_live && !record->is_marked) release(pool, record);
      record->is_marked = 0;
    }
  }
}

// Without memory for the work, everything stays.
static void collect(struct wpgo_store *store, uintptr_t low) {
  struct wpgo_exceptions *pool = store->exceptions;
  size_t scanned = store->stack_top - low;
  struct list work = {.items = malloc((pool->used / smallest + 1) * sizeof(void *))};
  if (work.items && pool->chunks.count > 0) {
    mark_roots(pool, &work);
    mark(&work, record_at(pool, (uintptr_t)store->thrown));
    mark_words(pool, &work, low, store->stack_top);
    uintptr_t overflow = (uintptr_t)store->overflow_area;
    if (scanned) mark_words(pool, &work, overflow, overflow + store->overflow_size);
    mark_values(pool, &work);
    sweep(pool);
  }
  free(work.items);
  pool->fresh = 0;
  // In proportion to the work.
  pool->threshold = patience + pool->used + scanned / 8;
}

void wpgo_exceptions_collect(struct wpgo_store *store) {
  if (store->exceptions->fresh >= patience_between_calls) collect(store, store->stack_top);
}

// The registers that calls preserve are in this frame, and so among the words of the stack.
static __attribute__((noinline)) void collect_during_call(struct wpgo_store *store) {
  __builtin_unwind_init();
  uintptr_t low;
  __asm__ volatile("mov %%rsp, %0" : "=r"(low));
  collect(store, low);
  __asm__ volatile("" ::: "memory");
}

static struct wpgo_exception *make(struct wpgo_store *store, const struct wpgo_tag *tag) {
  struct wpgo_exceptions *pool = store->exceptions;
  int class = class_of(tag->size);
  uint32_t size = (uint32_t)smallest << class;
  if (pool->used + size > pool->limit || (!pool->free[class] && !add_chunk(pool, class)))
    return NULL;
  struct wpgo_exception *record = pool->free[class];
  pool->free[class] = (struct wpgo_exception *)record->tag;
  *record = (struct wpgo_exception){.tag = tag, .is_live = 1};
  pool->used += size;
  pool->fresh += size;
  return record;
}

// Whether to look for garbage before one more is made.
static int is_full(const struct wpgo_exceptions *pool, const struct wpgo_tag *tag) {
  uint32_t size = (uint32_t)smallest << class_of(tag->size);
  return pool->fresh >= pool->threshold || pool->used + size > pool->limit;
}

struct wpgo_exception *wpgo_exception_make(struct wpgo_store *store, const struct wpgo_tag *tag) {
  // Where host code runs, all of wasm code's stack is above this.
  if (is_full(store->exceptions, tag)) collect(store, (uintptr_t)store->wasm_sp);
  return make(store, tag);
}

// Called by enter.S, on the stack of wasm code.
__attribute__((visibility("hidden"))) struct wpgo_exception *wpgo_new_exception(const char *context, const struct wpgo_tag *tag) {
  struct wpgo_store *store = *(struct wpgo_store *const *)context;
  if (is_full(store->exceptions, tag)) collect_during_call(store);
  return make(store, tag);
}

uint64_t wpgo_drop_exception(const char *context, struct wpgo_exception *exception) {
  struct wpgo_store *store = *(struct wpgo_store *const *)context;
  if (!exception->is_exposed) release(store->exceptions, exception);
  return 0;
}
