// DeltaBlue: the incremental constraint solver of Freeman-Benson, Maloney and Borning ("An Incremental Constraint Solver",
// CACM 33(1), 1990), written here from the published algorithm. Two workloads, as is the custom: a long chain of equalities edited at its
// head, and a set of scale constraints between pairs of variables. Constraints are classes with virtual methods.
#include "bench.h"

namespace {

// The smaller, the stronger.
enum Strength : uint32_t { required, strongPreferred, preferred, strongDefault, normal, weakDefault, weakest };

inline bool stronger(uint32_t a, uint32_t b) { return a < b; }
inline bool weaker(uint32_t a, uint32_t b) { return a > b; }

[[noreturn]] void fail() { _Exit(2); }

template <typename T>
struct List {
  T *items = nullptr;
  uint32_t size = 0, capacity = 0;
  List() = default;
  List(const List &) = delete;
  ~List() { free(items); }
  void add(T item) {
    if (size == capacity) {
      capacity = capacity ? capacity * 2 : 4;
      items = (T *)realloc(items, capacity * sizeof(T));
      if (!items) fail();
    }
    items[size++] = item;
  }
  void remove(T item) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < size; i++) {
      if (items[i] != item) items[kept++] = items[i];
    }
    size = kept;
  }
  T pop() { return items[--size]; }
  T operator[](uint32_t i) const { return items[i]; }
};

struct Constraint;
class Planner;

struct Variable {
  int32_t value;
  uint32_t mark = 0;
  uint32_t walkStrength = weakest;
  bool stay = true;
  Constraint *determinedBy = nullptr;
  List<Constraint *> constraints;
  explicit Variable(int32_t value) : value(value) {}
};

struct Constraint {
  const uint32_t strength;
  explicit Constraint(uint32_t strength) : strength(strength) {}
  virtual ~Constraint() {}

  virtual bool isSatisfied() const = 0;
  virtual bool isInput() const { return false; }
  virtual void addToGraph() = 0;
  virtual void removeFromGraph() = 0;
  virtual void chooseMethod(uint32_t mark) = 0;
  virtual void markInputs(uint32_t mark) = 0;
  virtual bool inputsKnown(uint32_t mark) const = 0;
  virtual Variable *output() const = 0;
  virtual void markUnsatisfied() = 0;
  virtual void recalculate() = 0;
  virtual void execute() = 0;

  Constraint *satisfy(uint32_t mark, Planner &planner);
  void insert(Planner &planner);
  void retract(Planner &planner);
};

using Plan = List<Constraint *>;

class Planner {
 public:
  // Adds a constraint: each one that is displaced by it is tried again, until none is.
  void add(Constraint *constraint) {
    const uint32_t mark = ++lastMark;
    for (Constraint *next = constraint; next; next = next->satisfy(mark, *this)) {}
  }

  // Removes a satisfied constraint; weaker ones that were overridden downstream may become satisfied, strongest first.
  void remove(Constraint *constraint) {
    Variable *out = constraint->output();
    constraint->markUnsatisfied();
    constraint->removeFromGraph();
    List<Constraint *> unsatisfied;
    releaseDownstream(out, unsatisfied);
    for (uint32_t strength = required; strength < weakest; strength++) {
      for (uint32_t i = 0; i < unsatisfied.size; i++) {
        if (unsatisfied[i]->strength == strength) add(unsatisfied[i]);
      }
    }
  }

  // Recomputes walkabout strengths and stay flags downstream of a constraint; false on a cycle.
  bool propagate(Constraint *constraint, uint32_t mark) {
    List<Constraint *> todo;
    todo.add(constraint);
    while (todo.size) {
      Constraint *next = todo.pop();
      if (next->output()->mark == mark) {
        remove(constraint);
        return false;
      }
      next->recalculate();
      addConsumers(next->output(), todo);
    }
    return true;
  }

  // The order in which to execute the satisfied constraints that depend on the given inputs.
  void extract(const List<Constraint *> &inputs, Plan &plan) {
    List<Constraint *> sources;
    for (uint32_t i = 0; i < inputs.size; i++) {
      if (inputs[i]->isInput() && inputs[i]->isSatisfied()) sources.add(inputs[i]);
    }
    const uint32_t mark = ++lastMark;
    while (sources.size) {
      Constraint *next = sources.pop();
      if (next->output()->mark == mark || !next->inputsKnown(mark)) continue;
      plan.add(next);
      next->output()->mark = mark;
      addConsumers(next->output(), sources);
    }
  }

 private:
  uint32_t lastMark = 0;

  static void addConsumers(Variable *variable, List<Constraint *> &into) {
    for (uint32_t i = 0; i < variable->constraints.size; i++) {
      Constraint *constraint = variable->constraints[i];
      if (constraint != variable->determinedBy && constraint->isSatisfied()) into.add(constraint);
    }
  }

  static void releaseDownstream(Variable *out, List<Constraint *> &unsatisfied) {
    out->determinedBy = nullptr;
    out->walkStrength = weakest;
    out->stay = true;
    List<Variable *> todo;
    todo.add(out);
    while (todo.size) {
      Variable *variable = todo.pop();
      for (uint32_t i = 0; i < variable->constraints.size; i++) {
        Constraint *constraint = variable->constraints[i];
        if (!constraint->isSatisfied()) {
          unsatisfied.add(constraint);
        } else if (constraint != variable->determinedBy) {
          constraint->recalculate();
          todo.add(constraint->output());
        }
      }
    }
  }
};

// Tries to satisfy this constraint; returns the one that it displaced, if any.
Constraint *Constraint::satisfy(uint32_t mark, Planner &planner) {
  chooseMethod(mark);
  if (!isSatisfied()) {
    if (strength == required) fail();
    return nullptr;
  }
  markInputs(mark);
  Variable *out = output();
  Constraint *displaced = out->determinedBy;
  if (displaced) displaced->markUnsatisfied();
  out->determinedBy = this;
  if (!planner.propagate(this, mark)) fail();
  out->mark = mark;
  return displaced;
}

void Constraint::insert(Planner &planner) {
  addToGraph();
  planner.add(this);
}

void Constraint::retract(Planner &planner) {
  if (isSatisfied()) planner.remove(this);
  else removeFromGraph();
}

struct Unary : Constraint {
  Variable *const variable;
  bool satisfied = false;
  Unary(Variable *variable, uint32_t strength) : Constraint(strength), variable(variable) {}
  bool isSatisfied() const override { return satisfied; }
  void addToGraph() override {
    variable->constraints.add(this);
    satisfied = false;
  }
  void removeFromGraph() override {
    variable->constraints.remove(this);
    satisfied = false;
  }
  void chooseMethod(uint32_t mark) override {
    satisfied = variable->mark != mark && stronger(strength, variable->walkStrength);
  }
  void markInputs(uint32_t) override {}
  bool inputsKnown(uint32_t) const override { return true; }
  Variable *output() const override { return variable; }
  void markUnsatisfied() override { satisfied = false; }
  void recalculate() override {
    variable->walkStrength = strength;
    variable->stay = !isInput();
    if (variable->stay) execute();
  }
  void execute() override {}
};

struct Stay final : Unary {
  using Unary::Unary;
};

struct Edit final : Unary {
  using Unary::Unary;
  bool isInput() const override { return true; }
};

struct Binary : Constraint {
  enum Direction : uint32_t { none, forward, backward };
  Variable *const first, *const second;
  uint32_t direction = none;
  Binary(Variable *first, Variable *second, uint32_t strength) : Constraint(strength), first(first), second(second) {}
  Variable *input() const { return direction == forward ? first : second; }
  bool isSatisfied() const override { return direction != none; }
  void addToGraph() override {
    first->constraints.add(this);
    second->constraints.add(this);
    direction = none;
  }
  void removeFromGraph() override {
    first->constraints.remove(this);
    second->constraints.remove(this);
    direction = none;
  }
  void chooseMethod(uint32_t mark) override {
    if (first->mark == mark) {
      direction = second->mark != mark && stronger(strength, second->walkStrength) ? forward : none;
    } else if (second->mark == mark) {
      direction = stronger(strength, first->walkStrength) ? backward : none;
    } else if (weaker(first->walkStrength, second->walkStrength)) {
      direction = stronger(strength, first->walkStrength) ? backward : none;
    } else {
      direction = stronger(strength, second->walkStrength) ? forward : none;
    }
  }
  void markInputs(uint32_t mark) override { input()->mark = mark; }
  bool inputsKnown(uint32_t mark) const override {
    const Variable *in = input();
    return in->mark == mark || in->stay || !in->determinedBy;
  }
  Variable *output() const override { return direction == forward ? second : first; }
  void markUnsatisfied() override { direction = none; }
  void recalculate() override {
    Variable *in = input(), *out = output();
    out->walkStrength = weaker(in->walkStrength, strength) ? in->walkStrength : strength;
    out->stay = in->stay;
    if (out->stay) execute();
  }
};

struct Equal final : Binary {
  using Binary::Binary;
  void execute() override { output()->value = input()->value; }
};

// second = first × scale + offset; scale and offset are variables too, and read only.
struct Scale final : Binary {
  Variable *const scale, *const offset;
  Scale(Variable *source, Variable *scale, Variable *offset, Variable *destination, uint32_t strength)
      : Binary(source, destination, strength), scale(scale), offset(offset) {}
  void addToGraph() override {
    Binary::addToGraph();
    scale->constraints.add(this);
    offset->constraints.add(this);
  }
  void removeFromGraph() override {
    Binary::removeFromGraph();
    scale->constraints.remove(this);
    offset->constraints.remove(this);
  }
  void markInputs(uint32_t mark) override {
    Binary::markInputs(mark);
    scale->mark = mark;
    offset->mark = mark;
  }
  void execute() override {
    if (direction == forward) second->value = first->value * scale->value + offset->value;
    else first->value = (second->value - offset->value) / scale->value;
  }
  void recalculate() override {
    Variable *in = input(), *out = output();
    out->walkStrength = weaker(in->walkStrength, strength) ? in->walkStrength : strength;
    out->stay = in->stay && scale->stay && offset->stay;
    if (out->stay) execute();
  }
};

__attribute__((noinline)) void execute(const Plan &plan) {
  for (uint32_t i = 0; i < plan.size; i++) plan[i]->execute();
}

// Edits a variable to a value, ten times through the same plan; returns the size of the plan.
uint64_t edit(Planner &planner, Variable *variable, int32_t value) {
  Edit edit(variable, preferred);
  edit.insert(planner);
  List<Constraint *> edits;
  edits.add(&edit);
  Plan plan;
  planner.extract(edits, plan);
  for (int i = 0; i < 10; i++) {
    variable->value = value;
    execute(plan);
  }
  edit.retract(planner);
  return plan.size;
}

uint64_t chain(uint32_t length) {
  Planner planner;
  List<Variable *> variables;
  List<Constraint *> constraints;
  for (uint32_t i = 0; i <= length; i++) {
    variables.add(new Variable(0));
    if (i == 0) continue;
    constraints.add(new Equal(variables[i - 1], variables[i], required));
    constraints[constraints.size - 1]->insert(planner);
  }
  Variable *head = variables[0], *tail = variables[length];
  constraints.add(new Stay(tail, strongDefault));
  constraints[constraints.size - 1]->insert(planner);
  Edit edit(head, preferred);
  edit.insert(planner);
  List<Constraint *> edits;
  edits.add(&edit);
  Plan plan;
  planner.extract(edits, plan);
  uint64_t sum = plan.size;
  for (int32_t i = 0; i < 100; i++) {
    head->value = i;
    execute(plan);
    if (tail->value != i) fail();
    sum = bench_mix(sum, (uint32_t)tail->value);
  }
  edit.retract(planner);
  for (uint32_t i = 0; i < constraints.size; i++) delete constraints[i];
  for (uint32_t i = 0; i < variables.size; i++) delete variables[i];
  return sum;
}

uint64_t projection(uint32_t pairs) {
  Planner planner;
  Variable scale(10), offset(1000);
  List<Variable *> sources, destinations;
  List<Constraint *> constraints;
  for (uint32_t i = 0; i < pairs; i++) {
    Variable *source = new Variable((int32_t)i), *destination = new Variable((int32_t)i);
    sources.add(source);
    destinations.add(destination);
    constraints.add(new Stay(source, normal));
    constraints[constraints.size - 1]->insert(planner);
    constraints.add(new Scale(source, &scale, &offset, destination, required));
    constraints[constraints.size - 1]->insert(planner);
  }
  uint64_t sum = edit(planner, sources[pairs - 1], 17);
  if (destinations[pairs - 1]->value != 1170) fail();
  sum = bench_mix(sum, edit(planner, destinations[pairs - 1], 1050));
  if (sources[pairs - 1]->value != 5) fail();
  sum = bench_mix(sum, edit(planner, &scale, 5));
  for (uint32_t i = 0; i + 1 < pairs; i++) {
    if (destinations[i]->value != (int32_t)i * 5 + 1000) fail();
  }
  sum = bench_mix(sum, edit(planner, &offset, 2000));
  for (uint32_t i = 0; i + 1 < pairs; i++) {
    if (destinations[i]->value != (int32_t)i * 5 + 2000) fail();
    sum = bench_mix(sum, (uint32_t)destinations[i]->value);
  }
  for (uint32_t i = 0; i < constraints.size; i++) delete constraints[i];
  for (uint32_t i = 0; i < pairs; i++) {
    delete sources[i];
    delete destinations[i];
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 180);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = bench_mix(sum, chain(2000));
    sum = bench_mix(sum, projection(2000));
  }
  return bench_report("deltablue", sum);
}
