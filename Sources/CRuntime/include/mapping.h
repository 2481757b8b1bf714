// Address space: reservations for memories, tables and stacks, and pages for machine code.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Inaccessible address space, a multiple of the page size; null where there is none.
void *wpgo_reserve(size_t size);
// Makes pages of a reservation readable and writable. Returns 0 if the system refuses.
int wpgo_commit(void *start, size_t size);
void wpgo_release(void *start, size_t size);

// Machine code: pages that are readable and executable, and never mapped writable. `size` is rounded up to
// pages. Null without memory.
void *wpgo_code_allocate(size_t size);
// Whether this process may write to an allocation: not if it is that of a process that this one was forked from.
int wpgo_code_is_open(const void *address);
// Returns 0 if it fails. Other threads may be executing other bytes of the allocation.
int wpgo_code_write(void *destination, const void *bytes, size_t size);
void wpgo_code_free(void *start, size_t size);
// Whether any was ever allocated in this process.
int wpgo_code_exists(void);
