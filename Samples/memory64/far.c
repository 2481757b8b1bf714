// Records behind 4 GiB: a list and a tree of nodes of several kinds that lie far apart in a memory of 64 bits, which grows to 6 GiB of
// which few pages are touched. Without a C library, which Debian does not have for wasm64.
//
// walk(count, seed) visits them by function pointers and returns a checksum; with the top bit of `count` set, half of the nodes are
// replaced by another kind first.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

typedef struct node node;
struct node {
  uint64_t (*visit)(node *, uint64_t);
  node *next, *left, *right;
  uint64_t key;
};

// Of the memory: 16 places of 256 MiB above 2 GiB, so on both sides of 4 GiB.
enum { places = 16 };
static const uint64_t first = 2ull << 30, stride = 256ull << 20, end = 6ull << 30;
static uint64_t used[places];

static int grow(void) {
  const uint64_t pages = __builtin_wasm_memory_size(0), wanted = end >> 16;
  return pages >= wanted || __builtin_wasm_memory_grow(0, wanted - pages) != SIZE_MAX;
}

static void *take(uint32_t place, uint64_t size) {
  used[place] += size;
  return (void *)(uintptr_t)(first + place * stride + used[place] - size);
}

static uint64_t mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9E3779B97F4A7C15ull;
  return sum ^ (sum >> 29);
}

static uint64_t plain(node *n, uint64_t sum) { return mix(sum, n->key); }
static uint64_t counting(node *n, uint64_t sum) {
  n->key += 3;
  return mix(sum, n->key >> 1);
}
// Of its subtree.
static uint64_t least(node *n, uint64_t sum) {
  while (n->left) n = n->left;
  return mix(sum, (uintptr_t)n);
}

static node *root, *list;

static void insert(node *n) {
  node **at = &root;
  while (*at) at = n->key < (*at)->key ? &(*at)->left : &(*at)->right;
  *at = n;
  n->next = list;
  list = n;
}

// Bytes of a row, which is copied across the boundary of 4 GiB and back.
static uint64_t copy(uint64_t sum) {
  enum { size = 3000 };
  unsigned char *low = (unsigned char *)(uintptr_t)((4ull << 30) - size / 2), *high = (unsigned char *)(uintptr_t)(5ull << 30);
  for (uint32_t i = 0; i < size; i++) low[i] = (unsigned char)(i * 7 + sum);
  __builtin_memcpy(high, low, size);
  __builtin_memset(low, 0, size);
  for (uint32_t i = 0; i < size; i += 13) sum = mix(sum, high[i] + low[i]);
  return sum;
}

EXPORT(walk) uint64_t walk(uint32_t count, uint64_t seed) {
  const uint32_t changes = count >> 31;
  count &= 0x7FFFFFFF;
  if (!grow()) __builtin_trap();
  for (uint32_t i = 0; i < places; i++) used[i] = 4096;  // Below is what `copy` writes.
  root = list = NULL;
  uint64_t random = seed * 2 + 1, sum = seed;
  for (uint32_t i = 0; i < 2000; i++) {
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    node *n = take(random >> 60, sizeof(node));
    *n = (node){.visit = i % 16 == 15 ? counting : plain, .key = random >> 20};
    insert(n);
  }
  for (uint32_t round = 0; round < count; round++) {
    if (changes && round == count / 2) {
      uint32_t i = 0;
      for (node *n = list; n; n = n->next) if (i++ & 1) n->visit = least;
    }
    for (node *n = list; n; n = n->next) sum = n->visit(n, sum);
    sum = copy(sum);
  }
  return sum;
}

// The size of the memory in bytes.
EXPORT(size) uint64_t size(void) { return (uint64_t)__builtin_wasm_memory_size(0) << 16; }
