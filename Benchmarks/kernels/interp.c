// A bytecode interpreter whose instructions are handlers in a table, called through it: one very hot call site. The program
// it runs counts the steps of Collatz sequences and keeps a running hash in interpreter memory.
#include "bench.h"

typedef struct machine {
  const uint32_t *code;
  uint32_t pc;
  uint32_t registers[16];
  uint32_t memory[256];
  uint64_t steps;
  int running;
} machine;

typedef void (*handler)(machine *, uint32_t);

// An instruction: operation in bits 0-7, a in 8-11, b in 12-15, immediate in 16-31.
#define A(word) (((word) >> 8) & 15)
#define B(word) (((word) >> 12) & 15)
#define IMMEDIATE(word) ((word) >> 16)

static void op_halt(machine *m, uint32_t w) { (void)w; m->running = 0; }
static void op_load_immediate(machine *m, uint32_t w) { m->registers[A(w)] = IMMEDIATE(w); }
static void op_move(machine *m, uint32_t w) { m->registers[A(w)] = m->registers[B(w)]; }
static void op_add(machine *m, uint32_t w) { m->registers[A(w)] += m->registers[B(w)]; }
static void op_add_immediate(machine *m, uint32_t w) { m->registers[A(w)] += (uint32_t)(int32_t)(int16_t)IMMEDIATE(w); }
static void op_multiply_immediate(machine *m, uint32_t w) { m->registers[A(w)] *= IMMEDIATE(w); }
static void op_exclusive_or(machine *m, uint32_t w) { m->registers[A(w)] ^= m->registers[B(w)]; }
static void op_and_immediate(machine *m, uint32_t w) { m->registers[A(w)] = m->registers[B(w)] & IMMEDIATE(w); }
static void op_shift_right(machine *m, uint32_t w) { m->registers[A(w)] >>= IMMEDIATE(w) & 31; }
static void op_load(machine *m, uint32_t w) { m->registers[A(w)] = m->memory[m->registers[B(w)] & 255]; }
static void op_store(machine *m, uint32_t w) { m->memory[m->registers[B(w)] & 255] = m->registers[A(w)]; }
static void op_jump(machine *m, uint32_t w) { m->pc = IMMEDIATE(w); }
static void op_jump_zero(machine *m, uint32_t w) { if (m->registers[A(w)] == 0) m->pc = IMMEDIATE(w); }
static void op_jump_equal(machine *m, uint32_t w) {
  if (m->registers[A(w)] == m->registers[B(w)]) m->pc = IMMEDIATE(w);
}

static handler const handlers[] = {
  op_halt, op_load_immediate, op_move, op_add, op_add_immediate, op_multiply_immediate, op_exclusive_or,
  op_and_immediate, op_shift_right, op_load, op_store, op_jump, op_jump_zero, op_jump_equal,
};

enum { HALT, LI, MOVE, ADD, ADDI, MULI, XOR, ANDI, SHR, LOAD, STORE, JUMP, JZ, JEQ };
#define I(operation, a, b, immediate) \
  ((uint32_t)(operation) | (uint32_t)(a) << 8 | (uint32_t)(b) << 12 | ((uint32_t)(immediate) & 0xffff) << 16)

// r0: start value, r1: limit, r2: n, r3: steps, r4: parity, r5: 1, r6: hash, r7: scratch.
static const uint32_t collatz[] = {
  /*  0 */ I(LI, 5, 0, 1),
  /*  1 */ I(JEQ, 0, 1, 19),
  /*  2 */ I(MOVE, 2, 0, 0),
  /*  3 */ I(LI, 3, 0, 0),
  /*  4 */ I(JEQ, 2, 5, 13),
  /*  5 */ I(ANDI, 4, 2, 1),
  /*  6 */ I(JZ, 4, 0, 10),
  /*  7 */ I(MULI, 2, 0, 3),
  /*  8 */ I(ADDI, 2, 0, 1),
  /*  9 */ I(ADDI, 3, 0, 1),
  /* 10 */ I(SHR, 2, 0, 1),
  /* 11 */ I(ADDI, 3, 0, 1),
  /* 12 */ I(JUMP, 0, 0, 4),
  /* 13 */ I(LOAD, 7, 3, 0),
  /* 14 */ I(ADD, 7, 5, 0),
  /* 15 */ I(STORE, 7, 3, 0),
  /* 16 */ I(XOR, 6, 7, 0),
  /* 17 */ I(ADDI, 0, 0, 1),
  /* 18 */ I(JUMP, 0, 0, 1),
  /* 19 */ I(HALT, 0, 0, 0),
};

__attribute__((noinline)) static void execute(machine *m) {
  while (m->running) {
    const uint32_t word = m->code[m->pc++];
    m->steps++;
    handlers[word & 255](m, word);
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 4);
  machine *m = (machine *)calloc(1, sizeof(machine));
  if (!m) return 1;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    m->code = collatz;
    m->pc = 0;
    m->running = 1;
    m->registers[0] = 1 + round * 50000;
    m->registers[1] = 1 + (round + 1) * 50000;
    execute(m);
    sum = bench_mix(sum, m->registers[6] ^ m->steps);
  }
  for (uint32_t i = 0; i < 256; i++) sum = bench_mix(sum, m->memory[i]);
  return bench_report("interp", sum);
}
