// A layer of a network in 8 bits, by instructions of relaxed SIMD: products of signed weights and of activations below 128, a scale and
// a limit in floats, and back. All values are such that every choice that the instructions leave gives the same result.
#include "simd.h"

#ifdef __wasm_relaxed_simd__
INLINE i32x4 dot_add(i8x16 weights, i8x16 activations, i32x4 sum) {
  return (i32x4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add((v128_t)weights, (v128_t)activations, (v128_t)sum);
}
INLINE f32x4 multiply_add(f32x4 a, f32x4 b, f32x4 c) { return (f32x4)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c); }
INLINE f32x4 relaxed_smaller(f32x4 a, f32x4 b) { return (f32x4)wasm_f32x4_relaxed_min((v128_t)a, (v128_t)b); }
INLINE f32x4 relaxed_larger(f32x4 a, f32x4 b) { return (f32x4)wasm_f32x4_relaxed_max((v128_t)a, (v128_t)b); }
INLINE i32x4 truncated(f32x4 a) { return (i32x4)wasm_i32x4_relaxed_trunc_f32x4((v128_t)a); }
#else
INLINE i32x4 dot_add(i8x16 weights, i8x16 activations, i32x4 sum) {
  const __m128i pairs = _mm_maddubs_epi16((__m128i)activations, (__m128i)weights);
  return (i32x4)_mm_madd_epi16(pairs, _mm_set1_epi16(1)) + sum;
}
INLINE f32x4 multiply_add(f32x4 a, f32x4 b, f32x4 c) { return (f32x4)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c); }
INLINE f32x4 relaxed_smaller(f32x4 a, f32x4 b) { return (f32x4)_mm_min_ps((__m128)a, (__m128)b); }
INLINE f32x4 relaxed_larger(f32x4 a, f32x4 b) { return (f32x4)_mm_max_ps((__m128)a, (__m128)b); }
INLINE i32x4 truncated(f32x4 a) { return (i32x4)_mm_cvttps_epi32((__m128)a); }
#endif

enum { SIZE = 256 };

static i8x16 weights[SIZE][SIZE / 16];
static int8_t input[SIZE], output[SIZE];

INLINE i32x4 columns(i32x4 a, i32x4 b, i32x4 c, i32x4 d) {
  const i32x4 ab = SHUFFLE(a, b, 0, 2, 4, 6) + SHUFFLE(a, b, 1, 3, 5, 7);
  const i32x4 cd = SHUFFLE(c, d, 0, 2, 4, 6) + SHUFFLE(c, d, 1, 3, 5, 7);
  return SHUFFLE(ab, cd, 0, 2, 4, 6) + SHUFFLE(ab, cd, 1, 3, 5, 7);
}

// output = limited(weights * input / 512 + 20), the factor and the sums being exact in floats.
NOINLINE static void layer(void) {
  for (int row = 0; row < SIZE; row += 4) {
    i32x4 sums[4] = {0};
    for (int i = 0; i < SIZE / 16; i++) {
      const i8x16 activations = (i8x16)load(input + 16 * i);
      for (int k = 0; k < 4; k++) sums[k] = dot_add(weights[row + k][i], activations, sums[k]);
    }
    const f32x4 scaled = multiply_add(__builtin_convertvector(columns(sums[0], sums[1], sums[2], sums[3]), f32x4),
                                      splat_f32(1.0f / 512), splat_f32(20));
    const i32x4 limited = truncated(relaxed_smaller(relaxed_larger(scaled, splat_f32(1)), splat_f32(127)));
    for (int k = 0; k < 4; k++) output[row + k] = (int8_t)limited[k];
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 150000);
  uint64_t seed = 7, sum = 0;
  for (int row = 0; row < SIZE; row++) {
    for (int i = 0; i < SIZE / 16; i++) {
      for (int k = 0; k < 16; k++) weights[row][i][k] = (int8_t)bench_random(&seed);
    }
    input[row] = (int8_t)(bench_random(&seed) & 127);
  }
  for (uint32_t round = 0; round < rounds; round++) {
    layer();
    memcpy(input, output, SIZE);
    input[bench_random(&seed) % SIZE] = (int8_t)(round & 127);
    if (round % 64 == 0) sum = mix_vector(sum, load(output + round / 64 % (SIZE - 16)));
  }
  return bench_report("quantized", mix_vector(sum, load(output)));
}
