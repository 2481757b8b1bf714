// The offsets that deopt.S uses are those of its struct.
#include "deopt.h"

#include <stddef.h>

#define CHECK(field, offset) \
  _Static_assert(offsetof(struct wpgo_deopt, field) == (offset), #field)
CHECK(handler, WPGO_DEOPT_HANDLER);
CHECK(image, WPGO_DEOPT_IMAGE);
CHECK(image_words, WPGO_DEOPT_IMAGE_WORDS);
CHECK(top, WPGO_DEOPT_TOP);
CHECK(frame_pointer, WPGO_DEOPT_FRAME_POINTER);
CHECK(resume, WPGO_DEOPT_RESUME);
CHECK(trap_code, WPGO_DEOPT_TRAP_CODE);
CHECK(trap_location, WPGO_DEOPT_TRAP_LOCATION);
