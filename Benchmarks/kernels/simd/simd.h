// Vectors of 128 bits for kernels that are built to WebAssembly and natively from one source: Clang's vector extensions, and below
// the operations that these cannot say, each as the instruction that both have.
#ifndef SIMD_H
#define SIMD_H

#include "../bench.h"

typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int64_t i64x2 __attribute__((vector_size(16)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef int16_t i16x4 __attribute__((vector_size(8)));

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define SHUFFLE __builtin_shufflevector
#define MIN __builtin_elementwise_min
#define MAX __builtin_elementwise_max
#define ADD_SATURATING __builtin_elementwise_add_sat
#define SUBTRACT_SATURATING __builtin_elementwise_sub_sat

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#define SELECT(wasm, x86) (wasm)
#else
#include <immintrin.h>
#define SELECT(wasm, x86) (x86)
#define v128_t __m128i
#endif

INLINE u8x16 load(const void *from) {
  u8x16 value;
  memcpy(&value, from, sizeof value);
  return value;
}

INLINE void store(void *to, u8x16 value) { memcpy(to, &value, sizeof value); }

INLINE f32x4 load_floats(const float *from) { return (f32x4)load(from); }

// In all lanes.
INLINE u8x16 splat_u8(uint8_t x) { return (u8x16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE u16x8 splat_u16(uint16_t x) { return (u16x8){x, x, x, x, x, x, x, x}; }
INLINE u32x4 splat_u32(uint32_t x) { return (u32x4){x, x, x, x}; }
INLINE f32x4 splat_f32(float x) { return (f32x4){x, x, x, x}; }

// table[index] for each lane; 0 where the index is 128 or more. Indexes from 16 to 127 are not allowed: x86 answers otherwise.
INLINE u8x16 lookup(u8x16 table, u8x16 index) {
  return (u8x16)SELECT(wasm_i8x16_swizzle((v128_t)table, (v128_t)index), _mm_shuffle_epi8((v128_t)table, (v128_t)index));
}

// The lower and the upper eight lanes, as 16 bits each.
INLINE u16x8 widen_low(u8x16 x) { return __builtin_convertvector(SHUFFLE(x, x, 0, 1, 2, 3, 4, 5, 6, 7), u16x8); }
INLINE u16x8 widen_high(u8x16 x) { return __builtin_convertvector(SHUFFLE(x, x, 8, 9, 10, 11, 12, 13, 14, 15), u16x8); }

// Signed 16 bits to unsigned 8, saturating.
INLINE u8x16 narrow(i16x8 low, i16x8 high) {
  return (u8x16)SELECT(wasm_u8x16_narrow_i16x8((v128_t)low, (v128_t)high), _mm_packus_epi16((v128_t)low, (v128_t)high));
}

// The sign of each lane as a bit.
INLINE uint32_t bitmask(u8x16 x) { return (uint32_t)SELECT(wasm_i8x16_bitmask((v128_t)x), _mm_movemask_epi8((v128_t)x)); }

INLINE int any_true(u8x16 x) { return SELECT(wasm_v128_any_true((v128_t)x), !_mm_testz_si128((v128_t)x, (v128_t)x)); }

// Rounded up.
INLINE u8x16 average(u8x16 x, u8x16 y) {
  return (u8x16)SELECT(wasm_u8x16_avgr((v128_t)x, (v128_t)y), _mm_avg_epu8((v128_t)x, (v128_t)y));
}

// The smaller and the larger, x if neither is.
INLINE f32x4 smaller(f32x4 x, f32x4 y) {
  return (f32x4)SELECT(wasm_f32x4_pmin((v128_t)x, (v128_t)y), _mm_min_ps((__m128)y, (__m128)x));
}
INLINE f32x4 larger(f32x4 x, f32x4 y) {
  return (f32x4)SELECT(wasm_f32x4_pmax((v128_t)x, (v128_t)y), _mm_max_ps((__m128)y, (__m128)x));
}

// Products, neighbours added.
INLINE i32x4 dot(i16x8 x, i16x8 y) {
  return (i32x4)SELECT(wasm_i32x4_dot_i16x8((v128_t)x, (v128_t)y), _mm_madd_epi16((v128_t)x, (v128_t)y));
}

// Products of numbers below 1 in 15 bits, rounded. Not both -1.
INLINE i16x8 multiply_q15(i16x8 x, i16x8 y) {
  return (i16x8)SELECT(wasm_i16x8_q15mulr_sat((v128_t)x, (v128_t)y), _mm_mulhrs_epi16((v128_t)x, (v128_t)y));
}

INLINE uint64_t mix_vector(uint64_t sum, u8x16 value) {
  const u64x2 lanes = (u64x2)value;
  return bench_mix(bench_mix(sum, lanes[0]), lanes[1]);
}

#endif
