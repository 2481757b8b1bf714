// The sample program: three small workloads whose hot calls are all indirect.
//
//   shapes MODE COUNT SEED [--change]
//
// MODE is `scene` (a class hierarchy), `script` (a bytecode interpreter with a handler table), `events` (callbacks through function
// pointers) or `all`. With --change, half-way through, each workload turns to classes, handlers and callbacks that were not used
// before. The output depends on the arguments only.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <vector>

namespace {

// xorshift64*: the same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state(seed * 2 + 1) {}
  uint32_t next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545F4914F6CDD1Dull) >> 32);
  }
  uint32_t below(uint32_t limit) { return next() % limit; }

 private:
  uint64_t state;
};

uint64_t mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9E3779B97F4A7C15ull;
  return sum ^ (sum >> 29);
}

// ---- scene: a class hierarchy -----------------------------------------------------------------------------

// Lengths are integers in hundredths of a unit.
struct Shape {
  int32_t x, y, dx, dy;
  Shape(int32_t x, int32_t y, int32_t dx, int32_t dy) : x(x), y(y), dx(dx), dy(dy) {}
  virtual ~Shape() {}
  virtual int64_t area() const = 0;
  virtual int32_t reach() const = 0;  // how far it extends from its center
  virtual void advance(int32_t size) {
    const int32_t margin = reach();
    x += dx;
    y += dy;
    if (x < margin || x > size - margin) dx = -dx;
    if (y < margin || y > size - margin) dy = -dy;
  }
};

struct Circle final : Shape {
  int32_t radius;
  Circle(int32_t x, int32_t y, int32_t dx, int32_t dy, int32_t radius) : Shape(x, y, dx, dy), radius(radius) {}
  int64_t area() const override { return (int64_t)radius * radius * 355 / 113; }
  int32_t reach() const override { return radius; }
};

struct Rectangle final : Shape {
  int32_t width, height;
  Rectangle(int32_t x, int32_t y, int32_t dx, int32_t dy, int32_t width, int32_t height)
      : Shape(x, y, dx, dy), width(width), height(height) {}
  int64_t area() const override { return (int64_t)width * height; }
  int32_t reach() const override { return (width > height ? width : height) / 2; }
};

// A triangle that also turns its direction a little when it moves.
struct Glider final : Shape {
  int32_t base, height, turns = 0;
  Glider(int32_t x, int32_t y, int32_t dx, int32_t dy, int32_t base, int32_t height)
      : Shape(x, y, dx, dy), base(base), height(height) {}
  int64_t area() const override { return (int64_t)base * height / 2; }
  int32_t reach() const override { return base; }
  void advance(int32_t size) override {
    if (++turns % 8 == 0) {
      const int32_t old = dx;
      dx = -dy;
      dy = old;
    }
    Shape::advance(size);
  }
};

struct Scene {
  static constexpr int32_t size = 100000;
  std::vector<std::unique_ptr<Shape>> shapes;

  // 15 in 16 are circles, or gliders; the rest are rectangles.
  void fill(Random &random, uint32_t count, bool gliders) {
    shapes.clear();
    for (uint32_t i = 0; i < count; i++) {
      const int32_t x = 1000 + (int32_t)random.below(size - 2000), y = 1000 + (int32_t)random.below(size - 2000);
      const int32_t dx = (int32_t)random.below(200) - 100, dy = (int32_t)random.below(200) - 100;
      const int32_t a = 10 + (int32_t)random.below(400), b = 10 + (int32_t)random.below(400);
      if (i % 16 == 15) shapes.emplace_back(new Rectangle(x, y, dx, dy, a, b));
      else if (gliders) shapes.emplace_back(new Glider(x, y, dx, dy, a, b));
      else shapes.emplace_back(new Circle(x, y, dx, dy, a));
    }
  }

  // One generation: all shapes move; returns the area of those in the left half.
  __attribute__((noinline)) int64_t generation() {
    int64_t covered = 0;
    for (const auto &shape : shapes) {
      shape->advance(size);
      if (shape->x < size / 2) covered += shape->area();
    }
    return covered;
  }
};

uint64_t runScene(uint32_t count, uint64_t seed, bool change) {
  Random random(seed);
  Scene scene;
  scene.fill(random, 4000, false);
  const uint32_t generations = count * 16;
  uint64_t sum = seed;
  int64_t covered = 0;
  for (uint32_t i = 0; i < generations; i++) {
    if (change && i == generations / 2) scene.fill(random, 4000, true);
    covered = scene.generation();
    sum = mix(sum, (uint64_t)covered);
  }
  printf("scene   %u generations, covered %lld, %s in the majority\n", generations, (long long)covered,
         change ? "gliders" : "circles");
  return sum;
}

// ---- script: an interpreter with a handler table ------------------------------------------------------------

struct Machine {
  const struct Instruction *next;
  uint64_t stack[64];
  uint32_t depth;
  uint64_t accumulator, counter;
  bool running;

  void push(uint64_t value) { stack[depth++ & 63] = value; }
  uint64_t pop() { return stack[--depth & 63]; }
};

enum Operation : uint32_t { literal, counter, add, multiply, shift, exclusive, fold, decrement, again, halt, rotate, median };

struct Instruction {
  Operation operation;
  int32_t argument;
};

using Handler = void (*)(Machine &, int32_t);

const Handler handlers[] = {
  [](Machine &m, int32_t argument) { m.push((uint64_t)(int64_t)argument); },
  [](Machine &m, int32_t) { m.push(m.counter); },
  [](Machine &m, int32_t) { const uint64_t b = m.pop(), a = m.pop(); m.push(a + b); },
  [](Machine &m, int32_t) { const uint64_t b = m.pop(), a = m.pop(); m.push(a * b); },
  [](Machine &m, int32_t argument) { m.push(m.pop() >> (argument & 63)); },
  [](Machine &m, int32_t) { const uint64_t b = m.pop(), a = m.pop(); m.push(a ^ b); },
  [](Machine &m, int32_t) { m.accumulator = m.accumulator * 31 + m.pop(); },
  [](Machine &m, int32_t) { m.counter--; },
  [](Machine &m, int32_t argument) { if (m.counter) m.next += argument; },
  [](Machine &m, int32_t) { m.running = false; },
  [](Machine &m, int32_t argument) {
    const uint64_t a = m.pop();
    m.push(a << (argument & 63) | a >> ((64 - argument) & 63));
  },
  [](Machine &m, int32_t) {
    const uint64_t c = m.pop(), b = m.pop(), a = m.pop();
    const uint64_t low = a < b ? a : b, high = a < b ? b : a;
    m.push(c < low ? low : c > high ? high : c);
  },
};

__attribute__((noinline)) void interpret(Machine &machine) {
  while (machine.running) {
    const Instruction instruction = *machine.next++;
    handlers[instruction.operation](machine, instruction.argument);
  }
}

const Instruction firstScript[] = {
  {counter, 0}, {literal, 77}, {multiply, 0}, {counter, 0}, {shift, 3}, {exclusive, 0}, {literal, 13}, {add, 0},
  {fold, 0}, {decrement, 0}, {again, -11}, {halt, 0},
};

const Instruction secondScript[] = {
  {counter, 0}, {rotate, 23}, {counter, 0}, {literal, 5000}, {median, 0}, {counter, 0}, {rotate, 7}, {add, 0},
  {fold, 0}, {decrement, 0}, {again, -11}, {halt, 0},
};

uint64_t runScript(uint32_t count, uint64_t seed, bool change) {
  const auto machine = std::make_unique<Machine>();
  memset(machine.get(), 0, sizeof(Machine));
  machine->accumulator = seed;
  for (uint32_t i = 0; i < count; i++) {
    machine->next = change && i >= count / 2 ? secondScript : firstScript;
    machine->counter = 10000 + i;
    machine->running = true;
    interpret(*machine);
  }
  printf("script  %u runs, accumulator %016llx, %s script last\n", count, (unsigned long long)machine->accumulator,
         change ? "second" : "first");
  return machine->accumulator;
}

// ---- events: callbacks through function pointers --------------------------------------------------------------

struct Event {
  uint32_t source, weight;
};

struct Statistics {
  uint64_t events, weight, heaviest, sum;
};

using Callback = void (*)(Statistics &, const Event &);

void countEvent(Statistics &statistics, const Event &event) {
  statistics.events++;
  statistics.sum += event.source ^ event.weight;
}

void weighEvent(Statistics &statistics, const Event &event) {
  statistics.weight += event.weight;
  if (event.weight > statistics.heaviest) statistics.heaviest = event.weight;
  statistics.sum = statistics.sum * 3 + event.source;
}

__attribute__((noinline)) void dispatch(const std::vector<Event> &events, Callback callback, Statistics &statistics) {
  for (const Event &event : events) callback(statistics, event);
}

uint64_t runEvents(uint32_t count, uint64_t seed, bool change) {
  Random random(seed);
  std::vector<Event> events;
  for (uint32_t i = 0; i < 8192; i++) events.push_back({random.below(256), random.below(10000)});
  Statistics statistics = {0, 0, 0, seed};
  const uint32_t rounds = count * 12;
  for (uint32_t i = 0; i < rounds; i++) {
    dispatch(events, change && i >= rounds / 2 ? weighEvent : countEvent, statistics);
  }
  printf("events  %llu counted, weight %llu, heaviest %llu\n", (unsigned long long)statistics.events,
         (unsigned long long)statistics.weight, (unsigned long long)statistics.heaviest);
  return mix(statistics.sum, statistics.weight + statistics.events);
}

// A number in decimal; anything else is a usage error.
bool number(const char *text, uint64_t limit, uint64_t &value) {
  char *end;
  value = strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && !*end && value <= limit;
}

int usage() {
  fputs("usage: shapes scene|script|events|all COUNT SEED [--change]\n", stderr);
  return 64;
}

}  // namespace

int main(int argc, char **argv) {
  uint64_t count, seed;
  if (argc < 4 || argc > 5 || !number(argv[2], 10000, count) || !number(argv[3], 1000000, seed)) return usage();
  const bool change = argc == 5 && !strcmp(argv[4], "--change");
  if (argc == 5 && !change) return usage();
  const bool all = !strcmp(argv[1], "all");
  bool known = false;
  uint64_t sum = 1;
  if (all || !strcmp(argv[1], "scene")) known = true, sum = mix(sum, runScene((uint32_t)count, seed, change));
  if (all || !strcmp(argv[1], "script")) known = true, sum = mix(sum, runScript((uint32_t)count, seed, change));
  if (all || !strcmp(argv[1], "events")) known = true, sum = mix(sum, runEvents((uint32_t)count, seed, change));
  if (!known) return usage();
  printf("checksum %016llx\n", (unsigned long long)sum);
  return 0;
}
