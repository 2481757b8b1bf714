// What this processor can do.
#pragma once
#include <stdint.h>

// eax, ebx, ecx, edx; zeros for a leaf that does not exist.
void wpgo_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

// State that the operating system saves (XCR0), 0 without XSAVE.
uint64_t wpgo_xcr0(void);
