// Guards that fail because a run wants them to: which compares of an artefact's code do so, and when.
#pragma once

// What force.S finds above its return address: what the trampoline pushed.
#define WPGO_FORCE_STATE 8
#define WPGO_FORCE_TEST 16

#ifndef __ASSEMBLER__
#include <stdint.h>

// Of a guard, or of a single compare.
struct wpgo_forced {
  // Times it was executed, and times it was chosen to fail.
  uint64_t executed, forced;
  // Executions until it is chosen; 0: never.
  uint64_t left;
};

struct wpgo_forced_test {
  struct wpgo_forced counts;
  uint64_t guard;
};

struct wpgo_forced_guard {
  struct wpgo_forced counts;
  // Set when one of its compares was chosen: all of them fail from then on, until the guard's deopt has happened.
  uint64_t is_failing;
};

struct wpgo_forcing {
  struct wpgo_forced_test *tests;
  struct wpgo_forced_guard *guards;
  // Each so many executions one is chosen; 0: none.
  uint64_t period, countdown;
  // State of a xorshift generator, never 0; a compare is chosen where the next number is below the threshold.
  uint64_t random, threshold;
  // Choices left.
  uint64_t limit;
};

// Whether a compare is to fail now. Called from wasm code in the middle of a function, so it touches general registers only.
int wpgo_force_decide(struct wpgo_forcing *forcing, uint64_t test);

// What the trampolines call: see force.S.
extern const char wpgo_force[];
static inline const void *wpgo_force_code(void) { return wpgo_force; }
#endif
