#include "calls.h"
#include "store.h"

#include <string.h>

// TrapCode
enum { memory_out_of_bounds = 5, table_out_of_bounds = 6, interrupted = 12 };

// Bytes between two looks whether the store is to be interrupted: less than a millisecond, even where each page is
// touched for the first time.
enum { portion = 1 << 20 };

static uint64_t word(const void *base, uint64_t offset) {
  return *(const uint64_t *)((const char *)base + offset);
}

static const struct wpgo_instance *instance(const char *context) {
  return (const struct wpgo_instance *)word(context, wpgo_context_instance);
}

// The state of memory 0, and of any.
static const char *first_memory(const char *context) {
  return (const char *)word(context, wpgo_context_memory);
}

static const char *memory(const char *context, uint64_t index) {
  return index == 0 ? first_memory(context)
                    : (const char *)word(instance(context)->other_memories, 16 * (index - 1) + 8);
}

static int contains(uint64_t size, uint64_t start, uint64_t count) {
  return count <= size && start <= size - count;
}

// Overlapping bytes move as if all at once: from their end where the destination is above.
static uint64_t move(const char *context, char *to, const char *from, uint64_t count) {
  int is_downward = to > from && to < from + count;
  while (count > 0) {
    if (wpgo_is_interrupted(context)) return interrupted;
    uint64_t part = count < portion ? count : portion;
    count -= part;
    if (is_downward) {
      memmove(to + count, from + count, part);
    } else {
      memmove(to, from, part);
      to += part;
      from += part;
    }
  }
  return 0;
}

static uint64_t copy(
    const char *context, const char *to, const char *from, uint64_t destination, uint64_t source,
    uint64_t count) {
  if (!contains(word(to, wpgo_memory_length), destination, count) ||
      !contains(word(from, wpgo_memory_length), source, count))
    return memory_out_of_bounds;
  return move(
      context, (char *)word(to, wpgo_memory_base) + destination,
      (const char *)word(from, wpgo_memory_base) + source, count);
}

uint64_t wpgo_memory_copy(
    const char *context, uint64_t destination, uint64_t source, uint64_t count) {
  const char *state = first_memory(context);
  return copy(context, state, state, destination, source, count);
}

uint64_t wpgo_other_memory_copy(
    const char *context, uint64_t to, uint64_t from, uint64_t destination, uint64_t source,
    uint64_t count) {
  return copy(context, memory(context, to), memory(context, from), destination, source, count);
}

static uint64_t fill(
    const char *context, const char *state, uint64_t destination, uint64_t value, uint64_t count) {
  if (!contains(word(state, wpgo_memory_length), destination, count)) return memory_out_of_bounds;
  char *to = (char *)word(state, wpgo_memory_base) + destination;
  while (count > 0) {
    if (wpgo_is_interrupted(context)) return interrupted;
    uint64_t part = count < portion ? count : portion;
    memset(to, (int)(value & 0xFF), part);
    to += part;
    count -= part;
  }
  return 0;
}

uint64_t wpgo_memory_fill(
    const char *context, uint64_t destination, uint64_t value, uint64_t count) {
  return fill(context, first_memory(context), destination, value, count);
}

uint64_t wpgo_other_memory_fill(
    const char *context, uint64_t index, uint64_t destination, uint64_t value, uint64_t count) {
  return fill(context, memory(context, index), destination, value, count);
}

uint64_t wpgo_table_set(const char *context, uint64_t table, uint64_t index, uint64_t reference) {
  char *state = (char *)word(instance(context)->tables, 16 * table);
  if (index >= word(state, wpgo_table_length)) return table_out_of_bounds;
  *(uint64_t *)(state + wpgo_table_pristine) = 0;
  ((uint64_t *)word(state, wpgo_table_elements))[index] = reference;
  return 0;
}

// Counters may be shared with other threads, whose increments can then get lost.
static void increment(uint64_t *counter) {
  __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

uint64_t wpgo_record_target(const char *context, uint64_t *record, uint64_t reference) {
  const struct wpgo_instance *own = instance(context);
  if (reference < own->first_reference || reference >= own->end_reference) {
    increment(&record[wpgo_target_foreign / 8]);
    return 0;
  }
  uint64_t key = reference - own->key_base;
  for (int slot = 0; slot < wpgo_target_slots; slot++) {
    uint64_t known = __atomic_load_n(&record[2 * slot], __ATOMIC_RELAXED);
    // Another thread may take the empty slot first: then `known` is its key.
    if (known == 0 &&
        __atomic_compare_exchange_n(
            &record[2 * slot], &known, key, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      known = key;
    if (known != key) continue;
    increment(&record[2 * slot + 1]);
    return 0;
  }
  increment(&record[wpgo_target_other / 8]);
  return 0;
}

void wpgo_count_miss(uint64_t *table, uint64_t key) {
  // Multiplicative hashing (Knuth, The Art of Computer Programming 6.4): the upper 12 bits of a product.
  _Static_assert(wpgo_miss_slots == 1 << 12, "bits of a slot's number");
  uint64_t slot = (key * 0x9E3779B97F4A7C15) >> 52;
  for (int probe = 0; probe < wpgo_miss_probes; probe++) {
    uint64_t *place = &table[1 + 2 * ((slot + probe) % wpgo_miss_slots)];
    if (place[0] == 0) place[0] = key;
    if (place[0] != key) continue;
    place[1]++;
    return;
  }
  table[0]++;
}

uint64_t wpgo_record_miss(const void *context, uint64_t site, uint64_t reference) {
  uint64_t *table = (uint64_t *)word(context, wpgo_context_counters);
  // A call of null traps.
  if (!table || reference == 0) return 0;
  const struct wpgo_instance *own = instance(context);
  uint64_t target = reference < own->first_reference || reference >= own->end_reference
                        ? wpgo_miss_foreign
                        : (reference - own->key_base) / wpgo_reference_size;
  wpgo_count_miss(table, site << 32 | target);
  return 0;
}
