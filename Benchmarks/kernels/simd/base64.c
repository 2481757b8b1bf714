// Base64 (RFC 4648), encoded and decoded again: a step is 12 bytes or 16 characters.
#include "simd.h"

// Values below 64 to characters, whose distance from the value depends on its range.
INLINE u8x16 to_characters(u8x16 values) {
  // 0: a to z; 1 to 10: 0 to 9; 11: +; 12: /; 13: A to Z.
  const u8x16 range = SUBTRACT_SATURATING(values, splat_u8(51)) | ((u8x16)(values < 26) & 13);
  enum { DIGITS = 256 + '0' - 52 };
  const u8x16 distances = {'a' - 26, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS, DIGITS,
                           256 + '+' - 62, 256 + '/' - 63, 'A', 0, 0};
  return values + lookup(distances, range);
}

// Reads 16 bytes, of which it uses 12.
INLINE u8x16 encode_step(const uint8_t *bytes) {
  const u8x16 input = load(bytes);
  // In each lane of 32 bits, three bytes as one number.
  const u32x4 group = (u32x4)SHUFFLE(input, input, 2, 1, 0, 2, 5, 4, 3, 5, 8, 7, 6, 8, 11, 10, 9, 11);
  const u32x4 values = (group >> 18 & 0x3F) | (group >> 4 & 0x3F00) | (group << 10 & 0x3F0000) | (group << 24 & 0x3F000000);
  return to_characters((u8x16)values);
}

INLINE u8x16 between(u8x16 x, uint8_t first, uint8_t last) { return (u8x16)(x - first <= splat_u8((uint8_t)(last - first))); }

// Writes 16 bytes, of which 12 count. Sets bits of *wrong for characters that are none of base64.
INLINE void decode_step(const uint8_t *characters, uint8_t *bytes, u8x16 *wrong) {
  const u8x16 input = load(characters);
  const u8x16 upper = between(input, 'A', 'Z'), lower = between(input, 'a', 'z'), digit = between(input, '0', '9');
  const u8x16 plus = (u8x16)(input == '+'), slash = (u8x16)(input == '/');
  *wrong |= ~(upper | lower | digit | plus | slash);
  const u32x4 values = (u32x4)(input + ((upper & (uint8_t)(-'A')) | (lower & (uint8_t)(26 - 'a')) | (digit & (52 - '0')) |
                                        (plus & (62 - '+')) | (slash & (63 - '/'))));
  const u8x16 group = (u8x16)((values & 0x3F) << 18 | (values & 0x3F00) << 4 | (values & 0x3F0000) >> 10 | values >> 24);
  store(bytes, SHUFFLE(group, group, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15));
}

// `size`: a multiple of 12. Four bytes more than that are read.
NOINLINE static void encode(const uint8_t *bytes, uint32_t size, uint8_t *characters) {
  for (uint32_t i = 0, o = 0; i < size; i += 12, o += 16) store(characters + o, encode_step(bytes + i));
}

// Whether all characters are valid. Four bytes more than the result are written.
NOINLINE static int decode(const uint8_t *characters, uint32_t size, uint8_t *bytes) {
  u8x16 wrong = splat_u8(0);
  for (uint32_t i = 0, o = 0; i < size; i += 16, o += 12) decode_step(characters + i, bytes + o, &wrong);
  return !any_true(wrong);
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 8000);
  enum { SIZE = 12 * 4096, ENCODED = SIZE / 3 * 4 };
  uint8_t *bytes = malloc(SIZE + 16), *characters = malloc(ENCODED + 16), *back = malloc(SIZE + 16);
  if (!bytes || !characters || !back) return 1;
  encode((const uint8_t *)"Many hands make light work.", 12, characters);
  if (memcmp(characters, "TWFueSBoYW5kcyBt", 16)) return 2;
  uint64_t seed = 64, sum = 0;
  for (uint32_t i = 0; i < SIZE + 16; i++) bytes[i] = (uint8_t)bench_random(&seed);
  for (uint32_t round = 0; round < rounds; round++) {
    bytes[bench_random(&seed) % SIZE] = (uint8_t)round;
    encode(bytes, SIZE, characters);
    // Every eighth text is damaged.
    if (round % 8 == 7) characters[bench_random(&seed) % ENCODED] = (uint8_t)bench_random(&seed);
    const int is_valid = decode(characters, ENCODED, back);
    if (is_valid && round % 8 != 7 && memcmp(bytes, back, SIZE)) return 3;
    sum = bench_mix(mix_vector(sum, load(back + bench_random(&seed) % (SIZE - 16))), (uint64_t)is_valid);
  }
  free(bytes), free(characters), free(back);
  return bench_report("base64", sum);
}
