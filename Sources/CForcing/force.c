#include "force.h"

// The code around a compare may have values in all vector registers, which nobody saves.
#define GENERAL_ONLY __attribute__((target("general-regs-only")))

GENERAL_ONLY static int next(struct wpgo_forced *counts) {
  counts->executed++;
  return counts->left && --counts->left == 0;
}

// xorshift64 (Marsaglia, "Xorshift RNGs").
GENERAL_ONLY static uint64_t draw(struct wpgo_forcing *forcing) {
  uint64_t x = forcing->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return forcing->random = x;
}

GENERAL_ONLY int wpgo_force_decide(struct wpgo_forcing *forcing, uint64_t number) {
  struct wpgo_forced_test *test = &forcing->tests[number];
  struct wpgo_forced_guard *guard = &forcing->guards[test->guard];
  int is_chosen = next(&test->counts) | next(&guard->counts);
  if (guard->is_failing) return 1;
  if (forcing->period && --forcing->countdown == 0) {
    forcing->countdown = forcing->period;
    is_chosen = 1;
  }
  if (forcing->threshold && draw(forcing) < forcing->threshold) is_chosen = 1;
  if (!is_chosen || forcing->limit == 0) return 0;
  forcing->limit--;
  test->counts.forced++;
  guard->counts.forced++;
  guard->is_failing = 1;
  return 1;
}
