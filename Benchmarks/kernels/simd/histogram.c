// Equalizes the histogram of an RGBA image: brightness in vectors, then a table indexed by single lanes, once to count and
// once to look up.
#include "simd.h"

enum { PIXELS = 256 * 256, LEVELS = 1024 };

static uint8_t image[4 * PIXELS];
static uint16_t brightness[PIXELS];
static uint32_t counts[4][LEVELS];
static uint32_t levels[LEVELS];

// Ten bits of brightness for each of eight pixels.
INLINE i16x8 brightness_of(const uint8_t *pixels) {
  const i16x8 weights = {306, 601, 117, 0, 306, 601, 117, 0};
  i32x4 sums[2];
  for (int half = 0; half < 2; half++) {
    const u8x16 input = load(pixels + 16 * half);
    const i32x4 low = dot((i16x8)widen_low(input), weights), high = dot((i16x8)widen_high(input), weights);
    sums[half] = (SHUFFLE(low, high, 0, 2, 4, 6) + SHUFFLE(low, high, 1, 3, 5, 7)) >> 8;
  }
  return SHUFFLE((i16x8)sums[0], (i16x8)sums[1], 0, 2, 4, 6, 8, 10, 12, 14);
}

NOINLINE static void count(void) {
  memset(counts, 0, sizeof counts);
  for (int i = 0; i < PIXELS; i += 8) {
    const i16x8 bins = brightness_of(image + 4 * i);
    store(brightness + i, (u8x16)bins);
    counts[0][bins[0]]++, counts[1][bins[1]]++, counts[2][bins[2]]++, counts[3][bins[3]]++;
    counts[0][bins[4]]++, counts[1][bins[5]]++, counts[2][bins[6]]++, counts[3][bins[7]]++;
  }
}

// The factor for each brightness, in 8.8 bits: it spreads the pixels over all levels.
static void accumulate(void) {
  uint32_t below = 0;
  for (uint32_t i = 0; i < LEVELS; i++) {
    below += counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i];
    const uint32_t factor = below * (LEVELS * 256 / PIXELS) / (i + 1);
    levels[i] = factor < 0x7FF ? factor : 0x7FF;
  }
}

// Scales the pixels by what a gather finds. Returns a sum of what came out.
NOINLINE static u32x4 apply(void) {
  u32x4 sum = splat_u32(0);
  for (int i = 0; i < PIXELS; i += 4) {
    const uint16_t *bins = brightness + i;
    const u32x4 factor = {levels[bins[0]], levels[bins[1]], levels[bins[2]], levels[bins[3]]};
    const u8x16 pixels = load(image + 4 * i);
    // Each factor for the four channels of its pixel.
    const u16x8 low = (u16x8)SHUFFLE((u16x8)factor, (u16x8)factor, 0, 0, 0, 0, 2, 2, 2, 2);
    const u16x8 high = (u16x8)SHUFFLE((u16x8)factor, (u16x8)factor, 4, 4, 4, 4, 6, 6, 6, 6);
    const u8x16 scaled = narrow((i16x8)(widen_low(pixels) * (low >> 3) >> 5), (i16x8)(widen_high(pixels) * (high >> 3) >> 5));
    sum += (u32x4)scaled;
  }
  return sum;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 20000);
  uint64_t seed = 4, sum = 0;
  for (uint32_t i = 0; i < sizeof image; i++) {
    const uint32_t random = bench_random(&seed);
    image[i] = (uint8_t)((random & 255) * (random >> 8 & 255) >> 8);
  }
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 16; i++) image[bench_random(&seed) % sizeof image] = (uint8_t)(round + i);
    count();
    accumulate();
    sum = mix_vector(sum, (u8x16)apply());
  }
  return bench_report("histogram", sum);
}
