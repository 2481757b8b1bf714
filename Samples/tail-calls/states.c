// A scanner of numbers, names and comments whose states are functions: each leaves for the next by a tail call through a table, so that
// the stack does not grow however long the text is. Then two functions that leave for each other, with more arguments than registers hold.
//
//   states COUNT SEED [--change]
//
// With --change, the second half of the texts is mostly comments. The output depends on the arguments only.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __wasm__
#define TAIL __attribute__((musttail)) return
#else
#define TAIL return
#endif

struct totals {
  uint32_t numbers, names, comments, others;
  uint64_t sum;
};

typedef uint32_t state(const char *at, const char *end, uint64_t value, struct totals *totals);
static state between, number, hexadecimal, name, comment, other;

enum { blank, digit, letter, hash, rest, classes };

static state *const starts[classes] = {between, number, name, comment, other};
static uint8_t class_of[256];

static void make_classes(void) {
  memset(class_of, rest, sizeof class_of);
  class_of[' '] = class_of['\n'] = blank;
  class_of['#'] = hash;
  for (int c = '0'; c <= '9'; c++) class_of[c] = digit;
  for (int c = 'a'; c <= 'z'; c++) class_of[c] = letter;
}

static uint32_t between(const char *at, const char *end, uint64_t value, struct totals *totals) {
  totals->sum = (totals->sum ^ value) * 0x9E3779B97F4A7C15ull;
  if (at == end) return totals->numbers + totals->names + totals->comments + totals->others;
  TAIL starts[class_of[(uint8_t)*at]](at + 1, end, (uint8_t)*at, totals);
}

static uint32_t number(const char *at, const char *end, uint64_t value, struct totals *totals) {
  if (at < end && class_of[(uint8_t)*at] == digit) TAIL number(at + 1, end, value * 10 + (uint8_t)*at, totals);
  if (at < end && *at == 'x') TAIL hexadecimal(at + 1, end, 0, totals);
  totals->numbers++;
  TAIL between(at, end, value, totals);
}

static uint32_t hexadecimal(const char *at, const char *end, uint64_t value, struct totals *totals) {
  if (at < end && (class_of[(uint8_t)*at] == digit || (*at >= 'a' && *at <= 'f'))) {
    TAIL hexadecimal(at + 1, end, value << 4 | (uint32_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10), totals);
  }
  totals->numbers++;
  TAIL between(at, end, value, totals);
}

static uint32_t name(const char *at, const char *end, uint64_t value, struct totals *totals) {
  if (at < end && (class_of[(uint8_t)*at] == letter || class_of[(uint8_t)*at] == digit)) {
    TAIL name(at + 1, end, value * 31 + (uint8_t)*at, totals);
  }
  totals->names++;
  TAIL between(at, end, value, totals);
}

static uint32_t comment(const char *at, const char *end, uint64_t value, struct totals *totals) {
  if (at < end && *at != '\n') TAIL comment(at + 1, end, value + 1, totals);
  totals->comments++;
  TAIL between(at, end, value, totals);
}

static uint32_t other(const char *at, const char *end, uint64_t value, struct totals *totals) {
  totals->others++;
  TAIL between(at, end, value, totals);
}

// ---- Many arguments -----------------------------------------------------------------------------------------

typedef uint64_t pass(uint32_t left, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, double x);
static pass odd;

static uint64_t even(uint32_t left, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, double x) {
  if (!left) return a ^ b ^ c ^ d ^ e ^ f ^ g ^ (uint64_t)x;
  TAIL odd(left - 1, b, c, d, e, f, g, a * 3 + left, x * 0.5);
}

static uint64_t odd(uint32_t left, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, double x) {
  if (!left) return a + b + c + d + e + f + g + (uint64_t)x;
  TAIL even(left - 1, g, a + left, b, c, d, e, f, x + 3);
}

// ---- The texts ----------------------------------------------------------------------------------------------

static uint32_t next(uint64_t *random) {
  *random = *random * 6364136223846793005ull + 1442695040888963407ull;
  return (uint32_t)(*random >> 33);
}

static void fill(char *text, size_t size, uint64_t *random, int comments) {
  for (size_t i = 0; i < size; i++) {
    const uint32_t r = next(random);
    const uint32_t kind = r % 64;
    text[i] = comments && kind < 8 ? '#' : kind < 12 ? ' ' : kind < 20 ? (char)('0' + r / 64 % 10) : kind < 60 ? (char)('a' + r / 64 % 26)
              : kind < 62 ? '\n' : "+#;x"[r / 64 % 4];
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: states COUNT SEED [--change]\n", stderr);
    return 64;
  }
  const uint32_t count = (uint32_t)atoi(argv[1]);
  uint64_t random = (uint64_t)atoi(argv[2]);
  const int change = argc > 3 && !strcmp(argv[3], "--change");
  static char text[1 << 16];
  struct totals totals = {0};
  uint64_t sum = 0;
  make_classes();
  for (uint32_t i = 0; i < count; i++) {
    fill(text, sizeof text, &random, change && i >= count / 2);
    sum = sum * 31 + between(text, text + sizeof text, i, &totals);
    sum += even(10000 + i % 2, i, 2, 3, 4, 5, 6, 7, 8.5);
  }
  printf("%u numbers, %u names, %u comments, %u others, checksum %016llx\n", totals.numbers, totals.names, totals.comments, totals.others,
         (unsigned long long)(sum ^ totals.sum));
  return 0;
}
