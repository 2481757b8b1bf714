// Product of two matrices of floats: four rows by eight columns of the result in registers.
#include "simd.h"

enum { SIZE = 192 };

static float left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

INLINE void store_floats(float *to, f32x4 value) { store(to, (u8x16)value); }

NOINLINE static void multiply(void) {
  for (int j = 0; j < SIZE; j += 8) {
    for (int i = 0; i < SIZE; i += 4) {
      f32x4 sums[4][2] = {0};
      for (int k = 0; k < SIZE; k++) {
        const f32x4 first = load_floats(&right[k][j]), second = load_floats(&right[k][j + 4]);
        for (int row = 0; row < 4; row++) {
          const f32x4 factor = splat_f32(left[i + row][k]);
          sums[row][0] += factor * first;
          sums[row][1] += factor * second;
        }
      }
      for (int row = 0; row < 4; row++) {
        store_floats(&product[i + row][j], sums[row][0]);
        store_floats(&product[i + row][j + 4], sums[row][1]);
      }
    }
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 1200);
  uint64_t seed = 5, sum = 0;
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      left[i][j] = (float)(bench_random(&seed) % 1000) / 1000;
      right[i][j] = (float)(bench_random(&seed) % 1000) / 1000;
    }
  }
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    left[round % SIZE][round % 7] += product[round % SIZE][3] * 0.0001f;
    sum = mix_vector(sum, load(&product[round % SIZE][round % 11]));
  }
  return bench_report("sgemm", sum);
}
