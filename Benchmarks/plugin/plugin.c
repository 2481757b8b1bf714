// A plugin of a server: rules for records that the host hands over in batches. Each kind of record has a table of functions, as plugins written
// with interfaces have; the hot calls are all indirect.
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

// Writes up to `capacity` records to `records`; returns how many.
IMPORT(next) extern uint32_t next(void *records, uint32_t capacity);
// Takes the sum of a batch.
IMPORT(report) extern void report(uint64_t sum);

struct record {
  uint32_t kind, amount, rate, flags;
};

struct rules {
  uint32_t (*value)(const struct record *);
  int (*accepts)(const struct record *, uint32_t value);
  uint64_t (*add)(uint64_t sum, uint32_t value);
};

static uint32_t order_value(const struct record *record) { return record->amount * record->rate >> 8; }
static int order_accepts(const struct record *record, uint32_t value) { return (record->flags & 1) == 0 && value != 0; }
static uint64_t order_add(uint64_t sum, uint32_t value) { return sum * 3 + value; }

static uint32_t refund_value(const struct record *record) { return record->amount - (record->rate & 0xFF); }
static int refund_accepts(const struct record *record, uint32_t value) { return value < record->amount; }
static uint64_t refund_add(uint64_t sum, uint32_t value) { return sum ^ ((uint64_t)value << 7); }

static uint32_t note_value(const struct record *record) { return record->flags >> 3; }
static int note_accepts(const struct record *record, uint32_t value) { return (record->kind ^ value) & 1; }
static uint64_t note_add(uint64_t sum, uint32_t value) { return sum + value; }

static const struct rules table[] = {
    {order_value, order_accepts, order_add},
    {refund_value, refund_accepts, refund_add},
    {note_value, note_accepts, note_add},
};
// What the compiler cannot know: the host may give other rules.
static const struct rules *volatile rules = table;

static struct record batch[1024];

__attribute__((export_name("run"))) uint32_t run(uint32_t batches) {
  uint32_t accepted = 0;
  while (batches-- != 0) {
    uint64_t sum = 0;
    const struct rules *all = rules;
    uint32_t count = next(batch, 1024);
    for (uint32_t i = 0; i < count; i++) {
      const struct record *record = &batch[i];
      const struct rules *rule = &all[record->kind];
      uint32_t value = rule->value(record);
      if (!rule->accepts(record, value)) continue;
      sum = rule->add(sum, value);
      accepted++;
    }
    report(sum);
  }
  return accepted;
}
