// Code made at run time, for debuggers: gdb's JIT interface ("JIT Compilation Interface" in its manual).
#pragma once
#include <stddef.h>

// Announces an ELF file in memory, which must stay there until wpgo_debugger_remove. NULL: no memory. Calls must not overlap.
void *wpgo_debugger_add(const void *file, size_t size);
void wpgo_debugger_remove(void *entry);
