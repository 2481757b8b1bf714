// Adler-32 (RFC 1950): sums of bytes, and of those sums, by products with weights.
#include "simd.h"

enum { MODULUS = 65521, BLOCK = 5552 };  // the most bytes before the second sum could overflow, a multiple of 16

INLINE uint32_t total(u32x4 x) { return x[0] + x[1] + x[2] + x[3]; }

// `size`: a multiple of 16.
NOINLINE static uint32_t adler(const uint8_t *bytes, uint32_t size) {
  const i16x8 weights_low = {16, 15, 14, 13, 12, 11, 10, 9}, weights_high = {8, 7, 6, 5, 4, 3, 2, 1};
  const i16x8 ones = (i16x8)splat_u16(1);
  uint32_t first = 1, second = 0;
  while (size > 0) {
    const uint32_t count = size < BLOCK ? size : BLOCK;
    u32x4 sums = splat_u32(0), earlier = splat_u32(0), weighted = splat_u32(0);
    for (uint32_t i = 0; i < count; i += 16) {
      const u8x16 input = load(bytes + i);
      const i16x8 low = (i16x8)widen_low(input), high = (i16x8)widen_high(input);
      earlier += sums;
      sums += (u32x4)dot(low + high, ones);
      weighted += (u32x4)(dot(low, weights_low) + dot(high, weights_high));
    }
    second = (second + first * count + 16 * total(earlier) + total(weighted)) % MODULUS;
    first = (first + total(sums)) % MODULUS;
    bytes += count;
    size -= count;
  }
  return second << 16 | first;
}

static uint32_t adler_of_one(const uint8_t *bytes, uint32_t size) {
  uint32_t first = 1, second = 0;
  for (uint32_t i = 0; i < size; i++) {
    first = (first + bytes[i]) % MODULUS;
    second = (second + first) % MODULUS;
  }
  return second << 16 | first;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 40000);
  enum { SIZE = 1 << 14 };
  uint8_t *bytes = malloc(SIZE);
  if (!bytes) return 1;
  memset(bytes, 255, SIZE);
  if (adler(bytes, SIZE) != adler_of_one(bytes, SIZE)) return 2;
  uint64_t seed = 32, sum = 0;
  for (uint32_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++) {
    bytes[bench_random(&seed) % SIZE] = (uint8_t)round;
    sum = bench_mix(sum, adler(bytes, SIZE - 16 * (round % 4)));
  }
  free(bytes);
  return bench_report("adler", sum);
}
