// What the kernels call, and what is exported: `kernel` runs one with a count and returns its checksum.
#include "include/bench.h"

uint64_t bench_sum;

extern char __heap_base;
static char *heap;

// Blocks are of 16 bytes times a power of two, whose exponent is in front of them; free ones are in a list for each.
static void *free_blocks[32];

void *malloc(size_t size) {
  size_t class = 0;
  while ((size_t)16 << class < size) class++;
  void **known = (void **)free_blocks[class];
  if (known) {
    free_blocks[class] = *known;
    return known;
  }
  if (!heap) heap = &__heap_base;
  char *block = (char *)(((uintptr_t)heap + 31) & ~(uintptr_t)15);
  heap = block + ((size_t)16 << class);
  const size_t end = __builtin_wasm_memory_size(0) << 16;
  if ((uintptr_t)heap > end && __builtin_wasm_memory_grow(0, (((uintptr_t)heap - end) >> 16) + 1) == (size_t)-1)
    __builtin_trap();
  ((size_t *)block)[-1] = class;
  return block;
}

void free(void *block) {
  if (!block) return;
  const size_t class = ((size_t *)block)[-1];
  *(void **)block = free_blocks[class];
  free_blocks[class] = block;
}

void *realloc(void *block, size_t size) {
  char *copy = malloc(size);
  const size_t old = block ? (size_t)16 << ((size_t *)block)[-1] : 0;
  for (size_t i = 0; i < old && i < size; i++) copy[i] = ((char *)block)[i];
  free(block);
  return copy;
}

void *calloc(size_t count, size_t size) {
  char *block = (char *)malloc(count * size);
  for (size_t i = 0; i < count * size; i++) block[i] = 0;
  return block;
}

void *new_object(size_t size) __asm__("_Znwm");
void *new_object(size_t size) { return malloc(size); }
void *new_array(size_t size) __asm__("_Znam");
void *new_array(size_t size) { return malloc(size); }
void delete_object(void *block) __asm__("_ZdlPv");
void delete_object(void *block) { free(block); }
void delete_sized(void *block, size_t size) __asm__("_ZdlPvm");
void delete_sized(void *block, size_t size) {
  (void)size;
  free(block);
}
void delete_array(void *block) __asm__("_ZdaPv");
void delete_array(void *block) { free(block); }
void pure_virtual(void) __asm__("__cxa_pure_virtual");
void pure_virtual(void) { __builtin_trap(); }

int __main_argc_argv(int argc, char **argv);

__attribute__((export_name("kernel"))) uint64_t kernel(uint32_t count) {
  char *arguments[] = {0, (char *)(uintptr_t)count};
  __main_argc_argv(2, arguments);
  return bench_sum;
}
