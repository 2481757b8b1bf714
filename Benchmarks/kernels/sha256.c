// Control without indirect calls: SHA-256 (FIPS 180-4) of a growing message. The constants are derived, as the
// standard says, from the fractional parts of the roots of the first primes: integer arithmetic only.
#include "bench.h"

static uint32_t constants[64], initial[8];

// floor(2^32 × frac(p^(1/n))) by binary search on x: x^n <= p × 2^(32n), in 128-bit pieces.
static uint32_t root_fraction(uint32_t prime, int n) {
  uint64_t low = 0, high = (uint64_t)20 << 32;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    // middle < 2^37. Compare middle^n with prime << 32n using 64-bit limbs of 32 bits.
    uint64_t limbs[4] = {middle & 0xffffffff, middle >> 32, 0, 0};
    for (int power = 1; power < n; power++) {
      uint64_t next[5] = {0};
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 2 && i + j < 4; j++) {
          const uint64_t part = limbs[i] * (j ? middle >> 32 : middle & 0xffffffff);
          next[i + j] += part & 0xffffffff;
          next[i + j + 1] += part >> 32;
        }
      }
      for (int i = 0; i < 4; i++) {
        if (i < 3) next[i + 1] += next[i] >> 32;
        limbs[i] = next[i] & 0xffffffff;
      }
    }
    // prime << 32n has its only limb at index n.
    uint64_t above = 0;
    for (int i = n + 1; i < 4; i++) above |= limbs[i];
    uint64_t rest = 0;
    for (int i = 0; i < n; i++) rest |= limbs[i];
    const int greater = above || limbs[n] > prime || (limbs[n] == prime && rest);
    if (greater) high = middle;
    else low = middle;
  }
  return (uint32_t)low;
}

static void derive_constants(void) {
  int found = 0;
  for (uint32_t candidate = 2; found < 64; candidate++) {
    int prime = 1;
    for (uint32_t divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor == 0) prime = 0;
    }
    if (!prime) continue;
    if (found < 8) initial[found] = root_fraction(candidate, 2);
    constants[found++] = root_fraction(candidate, 3);
  }
}

static inline uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
           block[4 * i + 3];
  }
  for (int i = 16; i < 64; i++) {
    const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    const uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    const uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void hash(const uint8_t *message, uint32_t length, uint32_t state[8]) {
  for (int i = 0; i < 8; i++) state[i] = initial[i];
  uint32_t offset = 0;
  for (; length - offset >= 64; offset += 64) compress(state, message + offset);
  uint8_t tail[128] = {0};
  const uint32_t rest = length - offset, size = rest < 56 ? 64 : 128;
  memcpy(tail, message + offset, rest);
  tail[rest] = 0x80;
  const uint64_t bits = (uint64_t)length * 8;
  for (int i = 0; i < 8; i++) tail[size - 1 - i] = (uint8_t)(bits >> 8 * i);
  for (uint32_t i = 0; i < size; i += 64) compress(state, tail + i);
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 1600);
  derive_constants();
  uint32_t state[8];
  // The standard's own example: "abc".
  hash((const uint8_t *)"abc", 3, state);
  if (state[0] != 0xba7816bf || state[7] != 0xf20015ad) return 2;
  const uint32_t capacity = 60000;
  uint8_t *message = (uint8_t *)calloc(1, capacity);
  if (!message) return 1;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    hash(message, capacity - round % 64, state);
    memcpy(message + round * 32 % (capacity - 32), state, 32);
    sum = bench_mix(sum, (uint64_t)state[0] << 32 | state[1]);
  }
  return bench_report("sha256", sum);
}
