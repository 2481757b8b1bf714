// A generator of numbers and a checksum, with or without a C library.
#pragma once
#include <stdint.h>
#include <string.h>

// xorshift64*: the same sequence everywhere. The state must not be 0.
static inline uint32_t bench_random(uint64_t *state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return (uint32_t)((x * 0x2545F4914F6CDD1Dull) >> 32);
}

// Mixes a value into a checksum; the order of values matters.
static inline uint64_t bench_mix(uint64_t sum, uint64_t value) {
  sum ^= value + 0x9E3779B97F4A7C15ull + (sum << 6) + (sum >> 2);
  return sum * 0xFF51AFD7ED558CCDull;
}

static inline uint64_t bench_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
