// A quicksort with qsort's interface, in the module itself: a comparator through a function pointer, elements of any size.
#include "bench.h"

typedef struct {
  uint32_t key;
  uint32_t rank;
  uint64_t payload;
} record;

typedef int (*comparator)(const void *, const void *);

static int by_key(const void *a, const void *b) {
  const record *x = (const record *)a, *y = (const record *)b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_payload(const void *a, const void *b) {
  const record *x = (const record *)a, *y = (const record *)b;
  return (x->payload > y->payload) - (x->payload < y->payload);
}

static void swap(char *a, char *b, uint32_t width) {
  for (uint32_t i = 0; i < width; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    memcpy(a + i, &y, 8);
    memcpy(b + i, &x, 8);
  }
}

// Sorts `count` elements of `width` bytes (a multiple of 8). Middle element as the pivot, insertion sort for short
// ranges, recursion into the smaller side only.
__attribute__((noinline)) static void quicksort(char *base, uint32_t count, uint32_t width, comparator compare) {
  while (count > 12) {
    swap(base, base + (uint64_t)(count / 2) * width, width);
    uint32_t low = 0, high = count;
    for (;;) {
      do low++;
      while (low < count && compare(base + (uint64_t)low * width, base) < 0);
      do high--;
      while (compare(base, base + (uint64_t)high * width) < 0);
      if (low >= high) break;
      swap(base + (uint64_t)low * width, base + (uint64_t)high * width, width);
    }
    swap(base, base + (uint64_t)high * width, width);
    char *upper = base + (uint64_t)(high + 1) * width;
    const uint32_t left = high, right = count - high - 1;
    if (left < right) {
      quicksort(base, left, width, compare);
      base = upper;
      count = right;
    } else {
      quicksort(upper, right, width, compare);
      count = left;
    }
  }
  for (uint32_t i = 1; i < count; i++) {
    for (uint32_t j = i; j > 0; j--) {
      char *here = base + (uint64_t)j * width;
      if (compare(here - width, here) <= 0) break;
      swap(here - width, here, width);
    }
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 36);
  const uint32_t count = 100000;
  record *records = (record *)malloc(count * sizeof(record));
  if (!records) return 1;
  uint64_t seed = 2024, sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < count; i++) {
      records[i].key = bench_random(&seed) % 50000;
      records[i].rank = i;
      records[i].payload = ((uint64_t)bench_random(&seed) << 32) | i;
    }
    // One round in sixteen sorts by something else.
    quicksort((char *)records, count, sizeof(record), round % 16 == 15 ? by_payload : by_key);
    for (uint32_t i = 0; i < count; i += 97) sum = bench_mix(sum, records[i].payload ^ records[i].key);
  }
  free(records);
  return bench_report("sort", sum);
}
