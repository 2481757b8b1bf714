// The native code of references.wat: functions out of an array, 90 % of them one, then out of a variable, always the same one.
#include "../bench.h"

typedef uint32_t (*Weigh)(uint32_t object, uint32_t x);

static uint32_t left[2048], right[2048];
static uint32_t leaf(uint32_t object, uint32_t x) { return left[object] * x + (x >> 5); }
static uint32_t pair(uint32_t object, uint32_t x) { return (left[object] ^ x) + (right[object] & (x << 3)); }
static uint32_t last(uint32_t object, uint32_t x) { return (right[object] ^ (x << 1)) - object; }

static Weigh methods[2048];
static Weigh volatile chosen = last;

__attribute__((noinline)) static uint64_t run(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t x = 1;
  for (uint32_t round = 0; round < rounds; round++) {
    const Weigh other = chosen;
    for (uint32_t i = 0; i < 2048; i++) {
      sum += methods[i](i, x + i);
      sum += other(i, x);
    }
    x += (uint32_t)(sum >> 7) | 1;
  }
  return sum;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 70000);
  uint64_t seed = 42;
  for (uint32_t i = 0; i < 2048; i++) {
    left[i] = bench_random(&seed);
    right[i] = bench_random(&seed);
    methods[i] = bench_random(&seed) % 10 == 0 ? pair : leaf;
  }
  return bench_report("references", run(rounds));
}
