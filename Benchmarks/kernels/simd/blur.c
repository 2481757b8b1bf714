// A Gaussian blur (1 4 6 4 1) of an RGBA image, first along the rows, then along the columns; 8 bits in memory, 16 in between.
#include "simd.h"

enum { WIDTH = 320, HEIGHT = 240, BORDER = 4, STRIDE = 4 * (WIDTH + 2 * BORDER), ROWS = HEIGHT + 2 * BORDER };

static uint8_t image[ROWS * STRIDE], middle[ROWS * STRIDE];

// Sixteen bytes of the result from those at five places `step` bytes apart.
INLINE u8x16 weighted(const uint8_t *center, int step) {
  const u8x16 a = load(center - 2 * step), b = load(center - step), c = load(center), d = load(center + step), e = load(center + 2 * step);
  const u16x8 low = widen_low(a) + widen_low(e) + ((widen_low(b) + widen_low(d)) << 2) + widen_low(c) * 6 + 8;
  const u16x8 high = widen_high(a) + widen_high(e) + ((widen_high(b) + widen_high(d)) << 2) + widen_high(c) * 6 + 8;
  return narrow((i16x8)(low >> 4), (i16x8)(high >> 4));
}

NOINLINE static void blur(void) {
  for (int y = 2; y < ROWS - 2; y++) {
    for (int x = 16; x < STRIDE - 16; x += 16) store(middle + y * STRIDE + x, weighted(image + y * STRIDE + x, 4));
  }
  for (int y = BORDER; y < ROWS - BORDER; y++) {
    for (int x = 16; x < STRIDE - 16; x += 16) store(image + y * STRIDE + x, weighted(middle + y * STRIDE + x, STRIDE));
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 4000);
  uint64_t seed = 3, sum = 0;
  for (uint32_t i = 0; i < sizeof image; i++) image[i] = (uint8_t)bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++) {
    // A bright spot, somewhere.
    const uint32_t x = BORDER + bench_random(&seed) % (WIDTH - 8), y = BORDER + bench_random(&seed) % (HEIGHT - 8);
    for (uint32_t row = 0; row < 8; row++) memset(image + (y + row) * STRIDE + 4 * x, 255, 32);
    blur();
    sum = mix_vector(sum, load(image + y * STRIDE + 4 * x));
  }
  return bench_report("blur", sum);
}
