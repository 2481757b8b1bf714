// Deoptimization: the state that capture stub, handler and continuation share, one an instance.
// A context points to it at ContextLayout.deoptimizer.
#pragma once
#include <stdint.h>

struct wpgo_deopt {
  // Decodes the frame state of `return_address` from the registers that the capture stub saved (layout:
  // CaptureArea), fills in what follows, and returns the continuation. Runs on the host's stack.
  const void *(*handler)(void *context, const void *saved, uint64_t return_address);
  // For the handler: the Swift object of the instance.
  const void *owner;
  // Words that the continuation copies right below the return address of the optimized frame.
  const uint64_t *image;
  uint64_t image_words;
  // Where that return address lies; the continuation checks it.
  uint64_t top;
  // rbp of the innermost frame, and where to go on.
  uint64_t frame_pointer;
  uint64_t resume;
  // For the trap continuation: TrapCode and CodeLocation.raw.
  uint64_t trap_code;
  uint64_t trap_location;
};

// For ContextLayout.captureStub.
extern const char wpgo_capture[];
// The same on a machine with 32 vector registers (AVX-512).
extern const char wpgo_capture_avx512[];
// What the handler returns.
extern const char wpgo_deopt_continue[];
extern const char wpgo_deopt_trap[];
