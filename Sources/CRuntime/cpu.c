#include "cpu.h"

#include <cpuid.h>

void wpgo_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]) {
  out[0] = out[1] = out[2] = out[3] = 0;
  __get_cpuid_count(leaf, subleaf, &out[0], &out[1], &out[2], &out[3]);
}

uint64_t wpgo_xcr0(void) {
  uint32_t regs[4];
  wpgo_cpuid(1, 0, regs);
  if (!(regs[2] & (1u << 27))) return 0;  // OSXSAVE
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}
