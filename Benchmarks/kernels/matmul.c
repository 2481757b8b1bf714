// Control without indirect calls: product of two matrices of doubles.
#include "bench.h"

enum { SIZE = 192 };

static double left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

__attribute__((noinline)) static void multiply(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) product[i][j] = 0;
    for (int k = 0; k < SIZE; k++) {
      const double factor = left[i][k];
      for (int j = 0; j < SIZE; j++) product[i][j] += factor * right[k][j];
    }
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 300);
  uint64_t seed = 5, sum = 0;
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      left[i][j] = (double)(bench_random(&seed) % 1000) / 1000;
      right[i][j] = (double)(bench_random(&seed) % 1000) / 1000;
    }
  }
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    left[round % SIZE][round % 7] += product[round % SIZE][3] * 0.0001;
    sum = bench_mix(sum, bench_bits(product[round % SIZE][round % 11]));
  }
  return bench_report("matmul", sum);
}
