// ChaCha20 (RFC 8439): four blocks side by side, a lane each.
#include "simd.h"

INLINE u32x4 rotated(u32x4 x, int bits) { return x << bits | x >> (32 - bits); }

INLINE void quarter(u32x4 *a, u32x4 *b, u32x4 *c, u32x4 *d) {
  *a += *b, *d = rotated(*d ^ *a, 16);
  *c += *d, *b = rotated(*b ^ *c, 12);
  *a += *b, *d = rotated(*d ^ *a, 8);
  *c += *d, *b = rotated(*b ^ *c, 7);
}

// Rows to columns.
INLINE void transpose(u32x4 *a, u32x4 *b, u32x4 *c, u32x4 *d) {
  const u32x4 low1 = SHUFFLE(*a, *b, 0, 4, 1, 5), low2 = SHUFFLE(*c, *d, 0, 4, 1, 5);
  const u32x4 high1 = SHUFFLE(*a, *b, 2, 6, 3, 7), high2 = SHUFFLE(*c, *d, 2, 6, 3, 7);
  *a = SHUFFLE(low1, low2, 0, 1, 4, 5), *b = SHUFFLE(low1, low2, 2, 3, 6, 7);
  *c = SHUFFLE(high1, high2, 0, 1, 4, 5), *d = SHUFFLE(high1, high2, 2, 3, 6, 7);
}

// Encrypts in place. `state`: constants, key, counter, nonce. `size`: a multiple of 256.
NOINLINE static void encrypt(const uint32_t state[16], uint8_t *text, uint32_t size) {
  u32x4 start[16];
  for (int i = 0; i < 16; i++) start[i] = splat_u32(state[i]);
  start[12] += (u32x4){0, 1, 2, 3};
  for (uint32_t at = 0; at < size; at += 256) {
    u32x4 x[16];
    for (int i = 0; i < 16; i++) x[i] = start[i];
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 4; i++) quarter(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
      for (int i = 0; i < 4; i++) quarter(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4], &x[12 + (i + 3) % 4]);
    }
    for (int i = 0; i < 16; i++) x[i] += start[i];
    for (int i = 0; i < 16; i += 4) {
      transpose(&x[i], &x[i + 1], &x[i + 2], &x[i + 3]);
      for (int block = 0; block < 4; block++) {
        uint8_t *place = text + at + 64 * block + 4 * i;
        store(place, load(place) ^ (u8x16)x[i + block]);
      }
    }
    start[12] += 4;
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 12000);
  enum { SIZE = 1 << 16 };
  uint8_t *text = calloc(SIZE, 1);
  if (!text) return 1;
  // The key, nonce and first word of RFC 8439, 2.3.2.
  uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
                        0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c, 1,          0x09000000, 0x4a000000, 0};
  encrypt(state, text, SIZE);
  if (((u32x4)load(text))[0] != 0xe4e7f110) return 2;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    state[13] = round;
    encrypt(state, text, SIZE);
    sum = mix_vector(sum, load(text + round * 48 % SIZE));
  }
  free(text);
  return bench_report("chacha20", sum);
}
