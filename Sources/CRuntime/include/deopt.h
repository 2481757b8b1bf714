// Deoptimization: the state that capture stub, handler and continuation share, one an instance.
// A context points to it at ContextLayout.deoptimizer.
#pragma once

// What deopt.S relies on. deopt.c asserts those of the struct, a test compares the others with the contract.

// ContextLayout
#define WPGO_CONTEXT_STORE 0
#define WPGO_CONTEXT_MEMORY_BASE 8
#define WPGO_CONTEXT_TRAP_STUB 48
#define WPGO_CONTEXT_DEOPTIMIZER 88
// TrapCode
#define WPGO_TRAP_UNINITIALIZED_ELEMENT 8
#define WPGO_TRAP_INDIRECT_CALL_TYPE 9
// CaptureArea
#define WPGO_CAPTURE_SIZE 640
#define WPGO_CAPTURE_VECTORS 128
#define WPGO_CAPTURE_STACK_POINTER 32
#define WPGO_CAPTURE_FRAME_POINTER 40
// struct wpgo_deopt
#define WPGO_DEOPT_HANDLER 0
#define WPGO_DEOPT_IMAGE 16
#define WPGO_DEOPT_IMAGE_WORDS 24
#define WPGO_DEOPT_TOP 32
#define WPGO_DEOPT_FRAME_POINTER 40
#define WPGO_DEOPT_RESUME 48
#define WPGO_DEOPT_TRAP_CODE 56
#define WPGO_DEOPT_TRAP_LOCATION 64

#ifndef __ASSEMBLER__
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
  // For the trap continuation: TrapCode and TrapPlace.raw.
  uint64_t trap_code;
  uint64_t trap_location;
};

// Code of deopt.S, none of which can be called from C. Swift does not see arrays, so that each has a function
// that returns its address.
#define WPGO_CODE(name)                        \
  extern const char wpgo_##name[];             \
  static inline const void *wpgo_##name##_code(void) { return wpgo_##name; }

// For ContextLayout.captureStub; the second where there are 32 vector registers (AVX-512).
WPGO_CODE(capture)
WPGO_CODE(capture_avx512)
// What the handler returns: replace the frame, or trap in its place.
WPGO_CODE(deopt_continue)
WPGO_CODE(deopt_trap)
// Entries of dispatch tables (ContextLayout.dispatchTables) that lead to no function of the table's type:
// canonical prototype, trap at the call.
WPGO_CODE(dispatch_null)
WPGO_CODE(dispatch_mismatch)
#endif
