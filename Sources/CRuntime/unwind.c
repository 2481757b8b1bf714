// From a throw to its handler, by frame pointers.
#include "exceptions.h"
#include "layout.h"
#include "store.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// What a frame has when its call returns: callee-saved registers, the stack pointer, and where it goes on. layout.h has the offsets.
struct wpgo_frame {
  uint64_t rbx, rbp, r12, r13, r14, r15, rsp, pc;
};

#define CHECK(field, offset) _Static_assert(offsetof(struct wpgo_frame, field) == (offset), #field)
CHECK(rbx, FRAME_RBX);
CHECK(rbp, FRAME_RBP);
CHECK(r12, FRAME_R12);
CHECK(r13, FRAME_R13);
CHECK(r14, FRAME_R14);
CHECK(r15, FRAME_R15);
CHECK(rsp, FRAME_RSP);
CHECK(pc, FRAME_PC);

extern const char wpgo_entered[] __attribute__((visibility("hidden")));

int wpgo_add_frames(struct wpgo_store *store, const struct wpgo_frames *frames) {
  struct wpgo_frames *all =
      realloc(store->frames, (store->frame_count + 1) * sizeof *all);
  if (!all) return 0;
  store->frames = all;
  uint64_t place = store->frame_count++;
  for (; place > 0 && all[place - 1].start > frames->start; place--) all[place] = all[place - 1];
  all[place] = *frames;
  return 1;
}

// The optimized code that an address lies in; null: none.
static const struct wpgo_frames *frames_at(const struct wpgo_store *store, uintptr_t address) {
  uint64_t low = 0, high = store->frame_count;
  while (low < high) {
    uint64_t middle = (low + high) / 2;
    if (store->frames[middle].end <= address) low = middle + 1; else high = middle;
  }
  return low < store->frame_count && store->frames[low].start <= address ? &store->frames[low]
                                                                       : NULL;
}

// The last of rows of `width` words, one at least, whose first word is at most `offset`.
static uint32_t last_row(
    const uint32_t *rows, int width, uint32_t low, uint32_t high, uint32_t offset) {
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (rows[(size_t)width * middle] <= offset) low = middle; else high = middle;
  }
  return low;
}

static void pop(struct wpgo_frame *frame) {
  const uint64_t *base = (const uint64_t *)frame->rbp;
  frame->rbp = base[0];
  frame->pc = base[1];
  frame->rsp = (uint64_t)(base + 2);
}

// Returns 1 if the frame has a handler, where it goes on; else leaves the frame.
static int optimized(const struct wpgo_frames *code, struct wpgo_frame *frame) {
  uint32_t offset = (uint32_t)(frame->pc - 1 - code->text);
  uint32_t function = last_row(code->functions, 2, 0, code->function_count, offset);
  const uint32_t *row = code->functions + 2 * (size_t)function;
  uint32_t first = row[1] >> 5, end = row[3] >> 5, saved = row[1] & 31;
  if (first < end) {
    const uint32_t *site = code->sites + 3 * (size_t)last_row(code->sites, 3, first, end, offset);
    if (site[0] <= offset && offset < site[1]) {
      frame->pc = code->text + site[2];
      return 1;
    }
  }
  const uint64_t *place = (const uint64_t *)frame->rbp;
  if (saved & 1) frame->r15 = *--place;
  if (saved & 2) frame->r14 = *--place;
  if (saved & 4) frame->r13 = *--place;
  if (saved & 8) frame->r12 = *--place;
  if (saved & 16) frame->rbx = *--place;
  pop(frame);
  return 0;
}

// The same for baseline code (BaselineFrame). Behind a call that has a handler is a nop that says where: 0F 1F 80 and the distance.
static int baseline(struct wpgo_frame *frame) {
  const uint8_t *code = (const uint8_t *)frame->pc;
  if (code[0] == 0x0F && code[1] == 0x1F && code[2] == 0x80) {
    int32_t distance;
    memcpy(&distance, code + 3, sizeof distance);
    frame->pc += 7 + (int64_t)distance;
    return 1;
  }
  const uint64_t *base = (const uint64_t *)frame->rbp;
  frame->rbx = base[-1];
  frame->r12 = base[-2];
  pop(frame);
  return 0;
}

// Changes a frame, in which an exception is thrown, to the one that handles it, at its handler. Returns 0, and changes nothing, if no frame does up
// to the one that the host entered.
__attribute__((visibility("hidden"))) int wpgo_find_handler(const struct wpgo_store *store, struct wpgo_frame *frame) {
  struct wpgo_frame current = *frame;
  while (current.pc != (uintptr_t)wpgo_entered) {
    const struct wpgo_frames *code = frames_at(store, current.pc - 1);
    if (code ? optimized(code, &current) : baseline(&current)) {
      *frame = current;
      return 1;
    }
  }
  return 0;
}
