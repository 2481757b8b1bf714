// Exceptions as C++ programs use them: caught by value and by reference, by a base, as pointers; nested, thrown again, thrown by and in
// destructors; std::vector::at; thrown through virtual calls, which are speculated on.
//
//   exceptions COUNT SEED [--change]
//
// With --change, half of the work is done by classes that were not used before. The output depends on the arguments only.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace {

uint64_t sum;

void note(uint64_t value) {
  sum = (sum ^ value) * 0x9E3779B97F4A7C15ull;
  sum ^= sum >> 29;
}

struct Problem {
  uint32_t code;
  explicit Problem(uint32_t code) : code(code) {}
  Problem(const Problem &other) : code(other.code) { note(101); }
  virtual ~Problem() { note(102); }
  virtual uint32_t weight() const { return code; }
};

struct Severe : Problem {
  uint32_t details[5];
  explicit Severe(uint32_t code) : Problem(code) {
    for (uint32_t i = 0; i < 5; i++) details[i] = code * (i + 1);
  }
  uint32_t weight() const override { return details[4]; }
};

// Two bases: a reference to the second is another address.
struct Named {
  uint32_t name;
  explicit Named(uint32_t name) : name(name) {}
  virtual ~Named() {}
};
struct NamedProblem : Problem, Named {
  explicit NamedProblem(uint32_t code) : Problem(code), Named(code ^ 0x55) {}
};

// Notes its end, which happens on the way to a handler as well.
struct Scope {
  uint32_t id;
  explicit Scope(uint32_t id) : id(id) {}
  ~Scope() { note(id); }
};

// Its destructor throws, unless an exception is under way: then it throws and catches one of its own.
struct Thrower {
  uint32_t code;
  ~Thrower() noexcept(false) {
    if (!std::uncaught_exceptions()) throw Problem(code);
    try {
      throw Severe(code);
    } catch (const Severe &severe) {
      note(severe.weight());
    }
  }
};

__attribute__((noinline)) void raise(uint32_t kind, uint32_t code) {
  Scope scope(kind);
  switch (kind % 8) {
    case 0: throw Problem(code);
    case 1: throw Severe(code);
    case 2: throw NamedProblem(code);
    case 3: throw code;
    case 4: throw (uint64_t)code << 20;
    case 5: throw std::out_of_range("raised");
    case 6: {
      Thrower thrower{code};
      note(6);
      break;
    }
    default: {
      Thrower thrower{code};
      throw Severe(code);
    }
  }
}

// Every kind of clause.
uint32_t byType(uint32_t kind, uint32_t code) {
  try {
    Scope scope(kind + 1000);
    raise(kind, code);
    return 1;
  } catch (const Severe &severe) {
    return severe.weight();
  } catch (Named &named) {
    return named.name;
  } catch (Problem problem) {
    return problem.weight();
  } catch (uint32_t value) {
    return value * 3;
  } catch (const std::exception &error) {
    return (uint32_t)strlen(error.what());
  } catch (...) {
    return 7;
  }
}

// Thrown again by one handler, turned into another by the next; a try in a handler.
uint32_t again(uint32_t kind, uint32_t code, uint32_t depth) {
  try {
    try {
      Scope scope(depth);
      if (depth) return again(kind, code, depth - 1) + 1;
      raise(kind, code);
      return 2;
    } catch (Problem &problem) {
      problem.code++;
      try {
        if (depth & 1) throw code;
      } catch (uint32_t value) {
        note(value + depth);
      }
      throw;
    }
  } catch (const std::exception &) {
    throw Problem(code + depth);
  }
}

// A pointer, which nobody copies and the handler deletes.
uint32_t byPointer(uint32_t code) {
  try {
    throw new Severe(code);
  } catch (const Problem *problem) {
    const std::unique_ptr<const Problem> owner(problem);
    return owner->weight();
  }
}

// The index is out of bounds now and then.
uint32_t at(const std::vector<uint32_t> &values, uint32_t index) {
  try {
    return values.at(index);
  } catch (const std::out_of_range &error) {
    return error.what()[0] ? 1000 : 2000;  // Libraries word it differently.
  }
}

// ---- Virtual calls ------------------------------------------------------------------------------------------

struct Step {
  virtual ~Step() {}
  virtual uint32_t run(uint32_t value) const = 0;
};
struct Careful final : Step {
  uint32_t run(uint32_t value) const override {
    if (value % 64 == 63) throw Problem(value);
    return value * 3 + 1;
  }
};
struct Reckless final : Step {
  uint32_t run(uint32_t value) const override {
    Scope scope(9);
    if (value % 4 == 3) throw Severe(value);
    if (value % 4 == 2) throw value;
    return value ^ 0xFF;
  }
};
// Passes on what others throw, with something to do on the way.
struct Nested final : Step {
  const Step &inner;
  explicit Nested(const Step &inner) : inner(inner) {}
  uint32_t run(uint32_t value) const override {
    Scope scope(value & 7);
    try {
      return inner.run(value) + 1;
    } catch (uint32_t number) {
      return number + 5;
    }
  }
};

__attribute__((noinline)) uint32_t steps(const std::vector<const Step *> &all, uint32_t count, uint32_t value) {
  uint32_t result = 0, caught = 0;
  for (uint32_t i = 0; i < count; i++) {
    const Step &step = *all[i % all.size()];
    try {
      result = result * 31 + step.run(value + i);
    } catch (const Problem &problem) {
      result ^= problem.weight() + i;
      caught++;
    } catch (uint32_t value) {
      result += value;
      caught += 1000;
    }
  }
  note(caught);
  return result;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: exceptions COUNT SEED [--change]\n", stderr);
    return 64;
  }
  const uint32_t count = (uint32_t)atoi(argv[1]), seed = (uint32_t)atoi(argv[2]);
  const bool change = argc > 3 && !strcmp(argv[3], "--change");
  std::vector<uint32_t> values;
  for (uint32_t i = 0; i < 30; i++) values.push_back(i * i + seed);
  const Careful careful;
  const Reckless reckless;
  const Nested nested(reckless);
  const std::vector<const Step *> usual = {&careful}, other = {&reckless, &careful, &nested};
  for (uint32_t i = 0; i < count; i++) {
    note(byType(i, seed + i));
    try {
      note(again(i, seed + i, i % 7));
    } catch (const Problem &problem) {
      note(problem.weight());
    } catch (uint32_t value) {
      note(value);
    } catch (...) {
      note(8);
    }
    note(byPointer(seed ^ i));
    note(at(values, i % 32));
    note(steps(change && i >= count / 2 ? other : usual, 500, seed + i));
  }
  printf("checksum %016llx\n", (unsigned long long)sum);
  try {
    Scope scope(1);
    throw std::runtime_error("caught in main");
  } catch (const std::exception &error) {
    puts(error.what());
  }
  return 0;
}
