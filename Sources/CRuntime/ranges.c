// Ranges of wasm machine code, read by the signal handler without a lock.
//
// A list whose nodes are never freed, but used again. A sequence number, odd while a node changes, tells a
// reader to skip it: the range that the reader's own thread executes in cannot be changing.
#include "signals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct wpgo_code_range {
  _Atomic uint64_t sequence;
  _Atomic uintptr_t start, end;
  struct wpgo_code_range *next;
};

static struct wpgo_code_range *_Atomic ranges;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void set(struct wpgo_code_range *range, uintptr_t start, uintptr_t end) {
  atomic_fetch_add(&range->sequence, 1);
  atomic_store(&range->start, start);
  atomic_store(&range->end, end);
  atomic_fetch_add(&range->sequence, 1);
}

struct wpgo_code_range *wpgo_add_code(uintptr_t start, uintptr_t end) {
  pthread_mutex_lock(&lock);
  struct wpgo_code_range *range = atomic_load(&ranges);
  while (range && atomic_load(&range->end) != 0) range = range->next;
  if (range) {
    set(range, start, end);
  } else if ((range = calloc(1, sizeof *range))) {
    set(range, start, end);
    range->next = atomic_load(&ranges);
    atomic_store(&ranges, range);
  }
  pthread_mutex_unlock(&lock);
  return range;
}

void wpgo_remove_code(struct wpgo_code_range *range) {
  pthread_mutex_lock(&lock);
  set(range, 0, 0);
  pthread_mutex_unlock(&lock);
}

int wpgo_is_code(uintptr_t address) {
  for (struct wpgo_code_range *range = atomic_load(&ranges); range; range = range->next) {
    uint64_t before = atomic_load(&range->sequence);
    int inside = address >= atomic_load(&range->start) && address < atomic_load(&range->end);
    if (inside && (before & 1) == 0 && atomic_load(&range->sequence) == before) return 1;
  }
  return 0;
}
