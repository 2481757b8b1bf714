// A pipeline of std::function: a filter, two maps and a fold, each a closure with state of its own, over a stream of
// numbers; and a chain of stages held in a vector (one call site, three targets).
#include <functional>
#include <vector>

#include "bench.h"

namespace {

using Map = std::function<uint32_t(uint32_t)>;
using Filter = std::function<bool(uint32_t)>;
using Fold = std::function<uint64_t(uint64_t, uint32_t)>;

struct Pipeline {
  Filter keep;
  Map first, second;
  Fold fold;
  std::vector<Map> stages;
};

__attribute__((noinline)) uint64_t run(const Pipeline &pipeline, uint32_t count) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t x = pipeline.first(i);
    if (!pipeline.keep(x)) continue;
    uint32_t y = pipeline.second(x);
    for (const Map &stage : pipeline.stages) y = stage(y);
    sum = pipeline.fold(sum, y);
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t thousands = bench_argument(argc, argv, 1, 33000);
  const uint32_t modulus = bench_argument(argc, argv, 2, 5);
  const uint32_t shift = modulus & 7, salt = modulus * 2654435761u;
  Pipeline pipeline;
  pipeline.first = [salt](uint32_t x) { return x * 747796405u + salt; };
  pipeline.keep = [modulus](uint32_t x) { return (x >> 4) % 8 != modulus; };
  pipeline.second = [shift](uint32_t x) { return x ^ (x >> shift); };
  pipeline.fold = [](uint64_t sum, uint32_t x) { return sum * 31 + x; };
  pipeline.stages.push_back([salt](uint32_t x) { return x + salt; });
  pipeline.stages.push_back([shift](uint32_t x) { return x << 1 | x >> (31 - shift); });
  pipeline.stages.push_back([](uint32_t x) { return x * 9 + 5; });
  return bench_report("pipeline", run(pipeline, thousands * 1000));
}
