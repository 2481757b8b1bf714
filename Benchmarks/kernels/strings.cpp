// Control without indirect calls: strings built, searched, sliced and hashed.
#include <string>

#include "bench.h"

namespace {

std::string number(uint32_t value) {
  char digits[12];
  int length = 0;
  do digits[length++] = (char)('0' + value % 10);
  while (value /= 10);
  std::string text;
  while (length) text += digits[--length];
  return text;
}

std::string record(uint32_t id, uint32_t value) {
  std::string text = "{\"id\":";
  text += number(id);
  text += ",\"name\":\"item-";
  text += number(value % 1000);
  text += "\",\"value\":";
  text += number(value);
  text += "}";
  return text;
}

uint64_t hash(const std::string &text) {
  uint64_t sum = 14695981039346656037ull;
  for (char c : text) sum = (sum ^ (uint8_t)c) * 1099511628211ull;
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 14000);
  uint64_t seed = 3, sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    std::string document = "[";
    for (uint32_t i = 0; i < 100; i++) {
      if (i) document += ",";
      document += record(i, bench_random(&seed));
    }
    document += "]";
    uint32_t commas = 0;
    for (size_t at = document.find(','); at != std::string::npos; at = document.find(',', at + 1)) commas++;
    const size_t middle = document.find("item-", document.size() / 2);
    sum = bench_mix(sum, hash(document) + commas + hash(document.substr(middle, 16)));
  }
  return bench_report("strings", sum);
}
