#include "debugger.h"

#include <stdint.h>
#include <stdlib.h>

// The names, and the layout of both structures, are the interface's. Weak: another compiler in the process has them, too.
struct jit_code_entry {
  struct jit_code_entry *next;
  struct jit_code_entry *previous;
  const char *file;
  uint64_t size;
};

struct jit_descriptor {
  uint32_t version;
  uint32_t action;
  struct jit_code_entry *relevant;
  struct jit_code_entry *first;
};

enum { nothing, registered, unregistered };

__attribute__((weak)) struct jit_descriptor __jit_debug_descriptor = {1, nothing, NULL, NULL};

// The debugger stops here.
__attribute__((weak, noinline)) void __jit_debug_register_code(void) { __asm__ volatile(""); }

void *wpgo_debugger_add(const void *file, size_t size) {
  struct jit_code_entry *entry = malloc(sizeof *entry);
  if (!entry) return NULL;
  *entry = (struct jit_code_entry){__jit_debug_descriptor.first, NULL, file, size};
  if (entry->next) entry->next->previous = entry;
  __jit_debug_descriptor.first = entry;
  __jit_debug_descriptor.relevant = entry;
  __jit_debug_descriptor.action = registered;
  __jit_debug_register_code();
  return entry;
}

void wpgo_debugger_remove(void *removed) {
  struct jit_code_entry *entry = removed;
  if (entry->previous) entry->previous->next = entry->next;
  else __jit_debug_descriptor.first = entry->next;
  if (entry->next) entry->next->previous = entry->previous;
  __jit_debug_descriptor.relevant = entry;
  __jit_debug_descriptor.action = unregistered;
  __jit_debug_register_code();
  free(entry);
}
