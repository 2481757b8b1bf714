// A bytecode interpreter whose handlers leave for each other by tail calls through a table: each has a dispatch of its own, and the
// machine's state stays in registers. The program counts the steps of Collatz sequences and keeps a histogram and a hash of them.
#include "bench.h"

typedef struct machine {
  uint64_t registers[16];
  uint64_t memory[256];
  uint64_t accumulator;
} machine;

// Where the next instruction is, the accumulator, and instructions executed so far. `word` is the current instruction.
#define STATE const uint32_t *pc, machine *m, uint64_t accumulator, uint64_t steps, uint32_t word
typedef uint64_t handler(STATE);

// An instruction: operation in bits 0-7, a register in 8-11, signed immediate in 16-31.
#define R (m->registers[(word >> 8) & 15])
#define IMMEDIATE ((uint64_t)(int64_t)((int32_t)word >> 16))

static handler *const handlers[];

// Goes on with an instruction.
#define LEAVE(next, value) \
  do { \
    const uint32_t *const to = (next); \
    __attribute__((musttail)) return handlers[*to & 255](to + 1, m, (value), steps + 1, *to); \
  } while (0)

#define OPERATION(name, value) \
  static uint64_t name(STATE) { \
    (void)accumulator, (void)word; \
    LEAVE(pc, value); \
  }

static uint64_t op_halt(STATE) {
  (void)pc, (void)word;
  m->accumulator = accumulator;
  return steps;
}
OPERATION(op_immediate, IMMEDIATE)
OPERATION(op_get, R)
OPERATION(op_put, R = accumulator)
OPERATION(op_add, accumulator + R)
OPERATION(op_add_immediate, accumulator + IMMEDIATE)
OPERATION(op_multiply_immediate, accumulator * IMMEDIATE)
OPERATION(op_exclusive_or, accumulator ^ R)
OPERATION(op_and_immediate, accumulator & IMMEDIATE)
OPERATION(op_shift_right, accumulator >> (IMMEDIATE & 63))
OPERATION(op_load, m->memory[accumulator & 255])
OPERATION(op_store, m->memory[R & 255] = accumulator)
static uint64_t op_jump(STATE) { LEAVE(pc + (int32_t)IMMEDIATE, accumulator); }
static uint64_t op_jump_zero(STATE) { LEAVE(accumulator ? pc : pc + (int32_t)IMMEDIATE, accumulator); }
static uint64_t op_jump_equal(STATE) {
  if (accumulator == R) LEAVE(pc + (int32_t)IMMEDIATE, accumulator);
  LEAVE(pc, accumulator);
}

static handler *const handlers[] = {
  op_halt, op_immediate, op_get, op_put, op_add, op_add_immediate, op_multiply_immediate, op_exclusive_or,
  op_and_immediate, op_shift_right, op_load, op_store, op_jump, op_jump_zero, op_jump_equal,
};

enum { HALT, LI, GET, PUT, ADD, ADDI, MULI, XOR, ANDI, SHR, LOAD, STORE, JUMP, JZ, JEQ };
#define I(operation, a, immediate) \
  ((uint32_t)(operation) | (uint32_t)(a) << 8 | ((uint32_t)(immediate) & 0xffff) << 16)

// r0: start value, r1: limit, r2: n, r3: steps, r5: 1, r6: hash.
static const uint32_t collatz[] = {
  /*  0 */ I(LI, 0, 1),
  /*  1 */ I(PUT, 5, 0),
  /*  2 */ I(GET, 0, 0),
  /*  3 */ I(JEQ, 1, 33 - 4),
  /*  4 */ I(PUT, 2, 0),
  /*  5 */ I(LI, 0, 0),
  /*  6 */ I(PUT, 3, 0),
  /*  7 */ I(GET, 2, 0),
  /*  8 */ I(JEQ, 5, 22 - 9),
  /*  9 */ I(ANDI, 0, 1),
  /* 10 */ I(JZ, 0, 15 - 11),
  /* 11 */ I(GET, 2, 0),
  /* 12 */ I(MULI, 0, 3),
  /* 13 */ I(ADDI, 0, 1),
  /* 14 */ I(PUT, 2, 0),
  /* 15 */ I(GET, 2, 0),
  /* 16 */ I(SHR, 0, 1),
  /* 17 */ I(PUT, 2, 0),
  /* 18 */ I(GET, 3, 0),
  /* 19 */ I(ADDI, 0, 1),
  /* 20 */ I(PUT, 3, 0),
  /* 21 */ I(JUMP, 0, 7 - 22),
  /* 22 */ I(GET, 3, 0),
  /* 23 */ I(LOAD, 0, 0),
  /* 24 */ I(ADD, 5, 0),
  /* 25 */ I(STORE, 3, 0),
  /* 26 */ I(XOR, 6, 0),
  /* 27 */ I(MULI, 0, 31),
  /* 28 */ I(PUT, 6, 0),
  /* 29 */ I(GET, 0, 0),
  /* 30 */ I(ADDI, 0, 1),
  /* 31 */ I(PUT, 0, 0),
  /* 32 */ I(JUMP, 0, 3 - 33),
  /* 33 */ I(HALT, 0, 0),
};

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 8);
  machine *m = (machine *)calloc(1, sizeof(machine));
  if (!m) return 1;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    m->registers[0] = 1 + round * 50000;
    m->registers[1] = 1 + (round + 1) * 50000;
    const uint64_t steps = handlers[*collatz & 255](collatz + 1, m, 0, 1, *collatz);
    sum = bench_mix(sum, m->registers[6] ^ steps);
  }
  for (uint32_t i = 0; i < 256; i++) sum = bench_mix(sum, m->memory[i]);
  return bench_report("tails", sum);
}
