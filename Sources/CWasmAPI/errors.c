// What failed last, for each thread.
#include "objects.h"
#include "wasm_pgo.h"

static _Thread_local char last_message[1024];
static _Thread_local uint8_t last_kind;

void wpgo_set_error(uint8_t kind, const char *message) {
  last_kind = kind;
  size_t length = strnlen(message, sizeof last_message);
  if (length == sizeof last_message) {
    // Cut, between characters of UTF-8: those that go on begin with the bits 10.
    length--;
    while (length > 0 && (message[length] & 0xC0) == 0x80) length--;
  }
  memcpy(last_message, message, length);
  last_message[length] = 0;
}

const char *wasm_pgo_last_error(void) { return last_message; }
wasm_pgo_error_t wasm_pgo_last_error_kind(void) { return last_kind; }
