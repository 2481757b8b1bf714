// A phase change in the middle of one long loop: the class behind the call site changes at a percentage of the
// iterations given by the second argument (100: never). Profiles are recorded with 100, measured with 50: the guard fails once,
// in a function that is entered once, and the second half shows what comes after a deopt.
#include "bench.h"

namespace {

struct Source {
  virtual uint32_t next(uint32_t x) = 0;
  virtual ~Source() {}
};

struct Counter final : Source {
  uint32_t state = 1;
  uint32_t next(uint32_t x) override {
    state = state * 1664525u + 1013904223u;
    return state ^ x;
  }
};

struct Shifter final : Source {
  uint32_t state = 2463534242u;
  uint32_t next(uint32_t x) override {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state + x;
  }
};

__attribute__((noinline)) uint64_t run(Source *first, Source *second, uint32_t count, uint32_t change) {
  uint64_t sum = 0;
  Source *volatile holder = first;
  for (uint32_t i = 0; i < count; i++) {
    if (i == change) holder = second;
    Source *source = holder;
    sum += source->next(i) & 0xffff;
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t thousands = bench_argument(argc, argv, 1, 160000);
  const uint32_t percent = bench_argument(argc, argv, 2, 50);
  const uint32_t count = thousands * 1000;
  const uint32_t change = percent >= 100 ? count : (uint32_t)((uint64_t)count * percent / 100);
  return bench_report("phase", run(new Counter, new Shifter, count, change));
}
