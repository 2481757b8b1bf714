// Runtime calls that wasm code makes often. They run on wasm code's own stack.
#pragma once
#include <stdint.h>

// What an instance's context points to at ContextLayout.instance.
struct wpgo_instance {
  // The runtime's object.
  const void *owner;
  // In the context: 16 bytes a table, the first 8 of which point to its state.
  const void *tables;
  // In the context: 16 bytes a memory but the first, the second 8 of which point to its state.
  const void *other_memories;
  // Addresses of the references to functions that the instance defines; the key of a reference in a feedback
  // record is its distance from `key_base`.
  uint64_t first_reference;
  uint64_t end_reference;
  uint64_t key_base;
};

// Copies of the contract's offsets, compared by a test: ContextLayout, MemoryStateLayout, TableLayout, TargetRecord,
// MissTable.
enum wpgo_offsets {
  wpgo_context_memory = 16,
  wpgo_context_counters = 80,
  wpgo_context_instance = 96,
  wpgo_memory_base = 0,
  wpgo_memory_length = 8,
  wpgo_table_elements = 0,
  wpgo_table_length = 8,
  wpgo_table_pristine = 16,
  wpgo_target_slots = 4,
  wpgo_target_other = 64,
  wpgo_target_foreign = 72,
  wpgo_reference_size = 32,
  wpgo_miss_slots = 4096,
  wpgo_miss_probes = 16,
  wpgo_miss_foreign = 0x7FFFFFFF,
};

// See RuntimeCall. Of the operands an i32 is zero-extended; the results are 0 or a TrapCode.
uint64_t wpgo_memory_copy(
    const char *context, uint64_t destination, uint64_t source, uint64_t count);
uint64_t wpgo_memory_fill(const char *context, uint64_t destination, uint64_t value, uint64_t count);
uint64_t wpgo_other_memory_copy(
    const char *context, uint64_t to, uint64_t from, uint64_t destination, uint64_t source,
    uint64_t count);
uint64_t wpgo_other_memory_fill(
    const char *context, uint64_t index, uint64_t destination, uint64_t value, uint64_t count);
uint64_t wpgo_table_set(const char *context, uint64_t table, uint64_t index, uint64_t reference);
uint64_t wpgo_record_target(const char *context, uint64_t *record, uint64_t reference);
uint64_t wpgo_record_miss(const void *context, uint64_t site, uint64_t reference);

// Adds one to the count of a key in a MissTable.
void wpgo_count_miss(uint64_t *table, uint64_t key);
