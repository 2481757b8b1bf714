// Shared by all kernels: the iteration count from argv, a generator of numbers, a checksum, and the report.
// Only fixed-width integers, so that 32-bit wasm and 64-bit native builds print the same. No stdio: the modules stay small.
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "numbers.h"

// The n-th argument as a number, or `otherwise` if there is none.
static inline uint32_t bench_argument(int argc, char **argv, int n, uint32_t otherwise) {
  if (argc <= n) return otherwise;
  return (uint32_t)strtoul(argv[n], NULL, 10);
}

// Prints "NAME CHECKSUM" and returns the exit code.
static inline int bench_report(const char *name, uint64_t sum) {
  char line[64];
  unsigned length = 0;
  while (name[length] && length < 40) {
    line[length] = name[length];
    length++;
  }
  line[length++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) line[length++] = "0123456789abcdef"[(sum >> shift) & 15];
  line[length++] = '\n';
  return write(1, line, length) == (ssize_t)length ? 0 : 1;
}

#endif
