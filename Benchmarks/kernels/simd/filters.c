// A pipeline of filters over an image: five calls of functions from a table, chosen by an argument, each of which takes and
// gives a vector of pixels.
#include "simd.h"

enum { SIZE = 1 << 15 };

typedef u8x16 (*filter)(u8x16);

static u8x16 brighten(u8x16 x) { return ADD_SATURATING(x, (u8x16){24, 20, 12, 0, 24, 20, 12, 0, 24, 20, 12, 0, 24, 20, 12, 0}); }

static u8x16 soften(u8x16 x) { return average(x, average(x, splat_u8(128))); }

// Red and blue change places.
static u8x16 exchange(u8x16 x) { return lookup(x, (u8x16){2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15}); }

// 7/8 of each, the alpha channel as it is.
static u8x16 darken(u8x16 x) {
  const i16x8 factors = {28672, 28672, 28672, 32767, 28672, 28672, 28672, 32767};
  return narrow(multiply_q15((i16x8)widen_low(x), factors), multiply_q15((i16x8)widen_high(x), factors));
}

// Bright pixels are inverted.
static u8x16 solarize(u8x16 x) { return x ^ ((u8x16)(x > splat_u8(200)) & 0xFF); }

static u8x16 clamp(u8x16 x) { return MIN(MAX(x, splat_u8(16)), splat_u8(235)); }

static filter const filters[] = {brighten, soften, exchange, darken, solarize, clamp, brighten, soften};
enum { COUNT = sizeof filters / sizeof filters[0] };

NOINLINE static u8x16 run(uint8_t *pixels, const filter *stages) {
  const filter first = stages[0], second = stages[1], third = stages[2], fourth = stages[3], fifth = stages[4];
  u8x16 sum = splat_u8(0);
  for (uint32_t i = 0; i < SIZE; i += 16) {
    const u8x16 result = fifth(fourth(third(second(first(load(pixels + i))))));
    store(pixels + i, result);
    sum = (sum << 1 | sum >> 7) ^ result;
  }
  return sum;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 20000);
  const uint32_t choice = bench_argument(argc, argv, 2, 0);
  filter stages[5];
  for (uint32_t i = 0; i < 5; i++) stages[i] = filters[(choice + i) % COUNT];
  uint8_t *pixels = malloc(SIZE);
  if (!pixels) return 1;
  uint64_t seed = 6, sum = 0;
  for (uint32_t i = 0; i < SIZE; i++) pixels[i] = (uint8_t)bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 64; i++) pixels[bench_random(&seed) % SIZE] = (uint8_t)(round * 7 + i);
    sum = mix_vector(sum, run(pixels, stages));
  }
  free(pixels);
  return bench_report("filters", sum);
}
