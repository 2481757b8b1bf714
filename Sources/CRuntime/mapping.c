#define _GNU_SOURCE
#include "mapping.h"

#include <sys/mman.h>

void *wpgo_reserve(size_t size) {
  void *start =
      mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return start == MAP_FAILED ? NULL : start;
}

int wpgo_commit(void *start, size_t size) {
  return size == 0 || mprotect(start, size, PROT_READ | PROT_WRITE) == 0;
}

void wpgo_release(void *start, size_t size) { munmap(start, size); }
