// Exceptions: their records, and the way from a throw to its handler.
#pragma once
#include <stdint.h>

// What tells exceptions apart, by its address.
struct wpgo_tag {
  // The runtime's object.
  const void *owner;
  // Bytes of a record, its header included, and where references to exceptions are among its values.
  uint32_t size, reference_count;
  uint32_t *references;
};
