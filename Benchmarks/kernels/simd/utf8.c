// UTF-8 validation, 16 bytes at a time: three lookups by nibbles say which errors a byte and the one before it allow, and an
// error that all three allow is one (Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte", 2021).
#include "simd.h"

enum {
  TOO_SHORT = 1 << 0,       // a lead byte, then no continuation
  TOO_LONG = 1 << 1,        // ASCII, then a continuation
  OVERLONG_3 = 1 << 2,      // E0, then below A0
  TOO_LARGE = 1 << 3,       // F4, then above 8F; or F5 and more
  SURROGATE = 1 << 4,       // ED, then above 9F
  OVERLONG_2 = 1 << 5,      // C0 or C1
  OVERLONG_4 = 1 << 6,      // F0, then below 90
  TOO_LARGE_1000 = 1 << 6,  // F5 and more, then below 90
  TWO_CONTINUATIONS = 1 << 7,
  CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS,  // what the first byte's low nibble does not matter for
};

static const u8x16 first_high = {
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
  TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
  TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
};

static const u8x16 first_low = {
  CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
};

#define CONTINUED (TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS)
static const u8x16 second_high = {
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  CONTINUED | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4, CONTINUED | OVERLONG_3 | TOO_LARGE, CONTINUED | SURROGATE | TOO_LARGE,
  CONTINUED | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
};

// Not zero where there is an error. `before` is the vector in front of `input`.
INLINE u8x16 errors(u8x16 before, u8x16 input) {
  const u8x16 back1 = SHUFFLE(before, input, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const u8x16 back2 = SHUFFLE(before, input, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const u8x16 back3 = SHUFFLE(before, input, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const u8x16 pair = lookup(first_high, back1 >> 4) & lookup(first_low, back1 & 15) & lookup(second_high, input >> 4);
  // Third and fourth bytes follow a continuation, and only they may.
  const u8x16 late = SUBTRACT_SATURATING(back2, splat_u8(0xE0 - 0x80)) | SUBTRACT_SATURATING(back3, splat_u8(0xF0 - 0x80));
  return pair ^ (late & 0x80);
}

// `size`: a multiple of 64. Whether all of it is valid; adds the number of code points to *points.
NOINLINE static int validate(const uint8_t *text, uint32_t size, uint64_t *points) {
  u8x16 before = splat_u8(0), wrong = splat_u8(0);
  for (uint32_t i = 0; i < size; i += 64) {
    u8x16 block[4];
    for (int k = 0; k < 4; k++) block[k] = load(text + i + 16 * k);
    if (!bitmask(block[0] | block[1] | block[2] | block[3])) {
      // All ASCII: only the character before may be unfinished.
      wrong |= errors(before, block[0]);
      before = block[3];
      *points += 64;
      continue;
    }
    for (int k = 0; k < 4; k++) {
      wrong |= errors(before, block[k]);
      before = block[k];
      *points += (uint32_t)__builtin_popcount(bitmask((u8x16)((i8x16)block[k] >= -64)));
    }
  }
  wrong |= errors(before, splat_u8(0));
  return !any_true(wrong);
}

static uint32_t put(uint8_t *to, uint32_t point) {
  if (point < 0x80) return to[0] = (uint8_t)point, 1;
  if (point < 0x800) return to[0] = (uint8_t)(0xC0 | point >> 6), to[1] = 0x80 | (point & 63), 2;
  if (point < 0x10000) {
    return to[0] = (uint8_t)(0xE0 | point >> 12), to[1] = 0x80 | (point >> 6 & 63), to[2] = 0x80 | (point & 63), 3;
  }
  to[0] = (uint8_t)(0xF0 | point >> 18), to[1] = 0x80 | (point >> 12 & 63), to[2] = 0x80 | (point >> 6 & 63);
  return to[3] = 0x80 | (point & 63), 4;
}

// Stretches of text in scripts with one to four bytes a character.
static uint32_t fill(uint8_t *text, uint32_t size, uint64_t *seed) {
  static const uint32_t scripts[][2] = {{32, 95}, {32, 95}, {32, 95}, {0x400, 256}, {0x4E00, 4096}, {0x1F300, 512}};
  uint32_t length = 0;
  while (length + 400 < size) {
    const uint32_t *script = scripts[bench_random(seed) % 6];
    for (uint32_t i = 20 + bench_random(seed) % 80; i > 0; i--) length += put(text + length, script[0] + bench_random(seed) % script[1]);
  }
  memset(text + length, ' ', size - length);
  return length;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 8000);
  enum { SIZE = 1 << 17 };
  uint8_t *text = malloc(SIZE);
  if (!text) return 1;
  uint64_t seed = 8, sum = 0, points = 0;
  const uint32_t length = fill(text, SIZE, &seed);
  if (!validate(text, SIZE, &points)) return 2;
  for (uint32_t round = 0; round < rounds; round++) {
    // One byte changes: often an error.
    const uint32_t place = bench_random(&seed) % length;
    const uint8_t was = text[place];
    text[place] = (uint8_t)bench_random(&seed);
    sum = bench_mix(sum, (uint64_t)validate(text, SIZE, &points));
    text[place] = was;
  }
  free(text);
  return bench_report("utf8", bench_mix(sum, points));
}
