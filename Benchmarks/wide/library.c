// What the kernels call, and what is exported: `kernel` runs one with a count and returns its checksum.
#include "include/bench.h"

uint64_t bench_sum;

extern char __heap_base;
static char *heap;

// Kernels free little, so nothing is used again. A block's size is in front of it.
void *malloc(size_t size) {
  if (!heap) heap = &__heap_base;
  char *block = (char *)(((uintptr_t)heap + 31) & ~(uintptr_t)15);
  heap = block + size;
  const size_t end = __builtin_wasm_memory_size(0) << 16;
  if ((uintptr_t)heap > end && __builtin_wasm_memory_grow(0, (((uintptr_t)heap - end) >> 16) + 1) == (size_t)-1)
    __builtin_trap();
  ((size_t *)block)[-1] = size;
  return block;
}

void *realloc(void *block, size_t size) {
  char *copy = malloc(size);
  const size_t old = block ? ((size_t *)block)[-1] : 0;
  for (size_t i = 0; i < old && i < size; i++) copy[i] = ((char *)block)[i];
  return copy;
}

void *calloc(size_t count, size_t size) {
  char *block = (char *)malloc(count * size);
  for (size_t i = 0; i < count * size; i++) block[i] = 0;
  return block;
}

void free(void *block) { (void)block; }

void *new_object(size_t size) __asm__("_Znwm");
void *new_object(size_t size) { return malloc(size); }
void *new_array(size_t size) __asm__("_Znam");
void *new_array(size_t size) { return malloc(size); }
void delete_object(void *block) __asm__("_ZdlPv");
void delete_object(void *block) { (void)block; }
void delete_sized(void *block, size_t size) __asm__("_ZdlPvm");
void delete_sized(void *block, size_t size) { (void)block, (void)size; }
void delete_array(void *block) __asm__("_ZdaPv");
void delete_array(void *block) { (void)block; }
void pure_virtual(void) __asm__("__cxa_pure_virtual");
void pure_virtual(void) { __builtin_trap(); }

int __main_argc_argv(int argc, char **argv);

__attribute__((export_name("kernel"))) uint64_t kernel(uint32_t count) {
  char *arguments[] = {0, (char *)(uintptr_t)count};
  heap = 0;
  __main_argc_argv(2, arguments);
  return bench_sum;
}
