// Monomorphic virtual calls: one call site, two classes in the program, one ever seen at the site.
#include "bench.h"

namespace {

struct Account {
  virtual uint32_t step(uint32_t amount) = 0;
  virtual ~Account() {}
};

struct Savings final : Account {
  uint32_t balance = 0;
  uint32_t step(uint32_t amount) override {
    balance += amount ^ (balance >> 3);
    return balance;
  }
};

struct Credit final : Account {
  uint32_t balance = 1000, interest = 3;
  uint32_t step(uint32_t amount) override {
    balance = balance * interest - amount;
    return balance;
  }
};

__attribute__((noinline)) uint64_t run(Account **accounts, uint32_t size, uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < size; i++) sum += accounts[i]->step(round + i);
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 220000);
  const uint32_t size = 1000;
  Account **accounts = new Account *[size];
  // With a second argument of 1 all are of the other class: for experiments with a wrong profile.
  const bool other = bench_argument(argc, argv, 2, 0) == 1;
  for (uint32_t i = 0; i < size; i++) accounts[i] = other ? (Account *)new Credit : (Account *)new Savings;
  return bench_report("mono", run(accounts, size, rounds));
}
