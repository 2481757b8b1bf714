// One virtual call site with two classes, 90 % and 10 %, in random order.
#include "bench.h"

namespace {

struct Node {
  virtual uint32_t weigh(uint32_t x) const = 0;
  virtual ~Node() {}
};

struct Leaf final : Node {
  uint32_t mass;
  explicit Leaf(uint32_t mass) : mass(mass) {}
  uint32_t weigh(uint32_t x) const override { return mass * x + (x >> 5); }
};

struct Pair final : Node {
  uint32_t left, right;
  Pair(uint32_t left, uint32_t right) : left(left), right(right) {}
  uint32_t weigh(uint32_t x) const override { return (left ^ x) + (right & (x << 3)); }
};

__attribute__((noinline)) uint64_t run(Node *const *nodes, uint32_t size, uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t x = 1;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < size; i++) {
      const uint32_t weight = nodes[i]->weigh(x + i);
      sum += weight;
    }
    x += (uint32_t)(sum >> 7) | 1;
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 70000);
  const uint32_t size = 2048;
  uint64_t seed = 42;
  Node **nodes = new Node *[size];
  for (uint32_t i = 0; i < size; i++) {
    const uint32_t a = bench_random(&seed), b = bench_random(&seed);
    nodes[i] = bench_random(&seed) % 10 == 0 ? (Node *)new Pair(a, b) : (Node *)new Leaf(a);
  }
  return bench_report("bimorphic", run(nodes, size, rounds));
}
