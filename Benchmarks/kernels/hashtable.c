// Control without indirect calls: a hash table with open addressing; insertions, look-ups and deletions.
#include "bench.h"

typedef struct {
  uint64_t key;  // 0: empty, 1: deleted
  uint64_t value;
} slot;

enum { BITS = 15, SLOTS = 1 << BITS };

static slot slots[SLOTS];

static inline uint32_t home(uint64_t key) { return (uint32_t)((key * 0x9E3779B97F4A7C15ull) >> (64 - BITS)); }

static slot *find(uint64_t key) {
  for (uint32_t i = home(key);; i = (i + 1) & (SLOTS - 1)) {
    if (slots[i].key == key) return &slots[i];
    if (slots[i].key == 0) return NULL;
  }
}

static void insert(uint64_t key, uint64_t value) {
  slot *free = NULL;
  for (uint32_t i = home(key);; i = (i + 1) & (SLOTS - 1)) {
    if (slots[i].key == key) {
      slots[i].value += value;
      return;
    }
    if (slots[i].key == 1 && !free) free = &slots[i];
    if (slots[i].key == 0) {
      if (!free) free = &slots[i];
      break;
    }
  }
  free->key = key;
  free->value = value;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 900);
  uint64_t seed = 11, sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    memset(slots, 0, sizeof slots);
    const uint64_t base = seed;
    for (uint32_t i = 0; i < 20000; i++) insert(2 + bench_random(&seed) % 60000, i);
    seed = base;
    for (uint32_t i = 0; i < 20000; i++) {
      const uint64_t key = 2 + bench_random(&seed) % 60000;
      slot *found = find(key + (i & 1));
      if (found) sum += found->value;
      if (found && i % 4 == 0) found->key = 1;
    }
  }
  return bench_report("hashtable", bench_mix(sum, seed));
}
