// A virtual call in a reduction over an array. Called, it is one element at a time; inlined behind a guard that
// leaves the loop, the loop is pure arithmetic over loads and vectorizes.
#include "bench.h"

namespace {

struct Filter {
  virtual uint32_t map(uint32_t x) const = 0;
  virtual ~Filter() {}
};

struct Scale final : Filter {
  uint32_t map(uint32_t x) const override { return (x << 3) - x + (x >> 4); }
};

struct Mask final : Filter {
  uint32_t map(uint32_t x) const override { return x & 0x0f0f0f0fu; }
};

struct Fold final : Filter {
  uint32_t map(uint32_t x) const override { return x ^ (x >> 16); }
};

__attribute__((noinline)) uint32_t reduce(const Filter *filter, const uint32_t *values, uint32_t size) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < size; i++) sum += filter->map(values[i]);
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 42000);
  // The class is taken from an argument: no compiler can know it.
  const uint32_t kind = bench_argument(argc, argv, 2, 0);
  Filter *filter;
  if (kind == 0) filter = new Scale;
  else if (kind == 1) filter = new Mask;
  else filter = new Fold;

  const uint32_t size = 4096;
  uint32_t *values = new uint32_t[size];
  uint64_t seed = 99;
  for (uint32_t i = 0; i < size; i++) values[i] = bench_random(&seed);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = bench_mix(sum, reduce(filter, values, size));
    values[round % size] += round;
  }
  return bench_report("vector", sum);
}
