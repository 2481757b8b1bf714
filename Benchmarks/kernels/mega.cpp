// One virtual call site with twelve classes, equally frequent, in random order: megamorphic.
#include "bench.h"

namespace {

struct Token {
  virtual uint32_t apply(uint32_t x) = 0;
  virtual ~Token() {}
};

// Twelve classes with different arithmetic, so that the linker cannot fold them.
#define TOKEN(NAME, EXPRESSION)                                  \
  struct NAME final : Token {                                    \
    uint32_t k;                                                  \
    explicit NAME(uint32_t k) : k(k) {}                          \
    uint32_t apply(uint32_t x) override { return (EXPRESSION); } \
  };

TOKEN(Add, x + k)
TOKEN(Subtract, x - k)
TOKEN(Multiply, x *(k | 1))
TOKEN(Exclusive, x ^ k)
TOKEN(Either, (x | k) + 1)
TOKEN(Both, (x & k) + 3)
TOKEN(Left, (x << (k & 7)) + k)
TOKEN(Right, (x >> (k & 7)) ^ k)
TOKEN(Rotate, (x << 13 | x >> 19) + k)
TOKEN(Negate, k - x)
TOKEN(Square, x *x + k)
TOKEN(Complement, ~x ^ (k >> 2))

Token *make(uint32_t kind, uint32_t k) {
  switch (kind) {
  case 0: return new Add(k);
  case 1: return new Subtract(k);
  case 2: return new Multiply(k);
  case 3: return new Exclusive(k);
  case 4: return new Either(k);
  case 5: return new Both(k);
  case 6: return new Left(k);
  case 7: return new Right(k);
  case 8: return new Rotate(k);
  case 9: return new Negate(k);
  case 10: return new Square(k);
  default: return new Complement(k);
  }
}

__attribute__((noinline)) uint64_t run(Token *const *tokens, uint32_t size, uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t x = round;
    for (uint32_t i = 0; i < size; i++) x = tokens[i]->apply(x);
    sum = bench_mix(sum, x);
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 10000);
  const uint32_t size = 5000;
  uint64_t seed = 7;
  Token **tokens = new Token *[size];
  for (uint32_t i = 0; i < size; i++) {
    const uint32_t k = bench_random(&seed);
    tokens[i] = make(bench_random(&seed) % 12, k);
  }
  return bench_report("mega", run(tokens, size, rounds));
}
