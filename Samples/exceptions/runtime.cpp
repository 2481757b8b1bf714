// What clang's code for WebAssembly exceptions calls, the least of it: Debian's libc++abi for wasm32 is built without exceptions. It has
// the type information, of which `can_catch` is used here. One thread; no exception specifications, no foreign exceptions.
//
// The Itanium C++ ABI has the interface (level II), WebAssembly's tool conventions what differs: a landing pad leaves its number and its
// function's table (LSDA) in `__wasm_lpad_context` and calls `_Unwind_CallPersonality`, which leaves the number of the clause.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <exception>
#include <typeinfo>

#if __clang_major__ > 20
// Earlier versions define the tag wherever it is used.
__asm__(".globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n");
#endif

namespace __cxxabiv1 {
// As libc++abi defines it.
class __shim_type_info : public std::type_info {
 public:
  virtual ~__shim_type_info();
  virtual void noop1() const;
  virtual void noop2() const;
  virtual bool can_catch(const __shim_type_info *thrown, void *&adjusted) const = 0;
};
}  // namespace __cxxabiv1
using __cxxabiv1::__shim_type_info;

namespace {

// In front of each thrown object; its address is what the exception of WebAssembly holds.
struct alignas(16) Header {
  std::type_info *type;
  // Destructors return their argument here.
  void *(*destroy)(void *);
  // Handlers that are being executed; negative while one of them throws it again.
  int32_t handlers;
  // The next of those that are caught.
  Header *next;
  // The object as the clause wants it: a base, or what a pointer points to.
  void *adjusted;

  void *object() { return this + 1; }
};

Header *caught;
int32_t uncaught;

uint32_t readUnsigned(const uint8_t *&at) {
  uint32_t result = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = *at++;
    result |= (uint32_t)(byte & 0x7F) << shift;
    if (!(byte & 0x80)) return result;
  }
}

int32_t readSigned(const uint8_t *&at) {
  uint32_t result = 0;
  for (int shift = 0;;) {
    const uint8_t byte = *at++;
    result |= (uint32_t)(byte & 0x7F) << shift;
    shift += 7;
    if (byte & 0x80) continue;
    if (byte & 0x40 && shift < 32) result |= ~0u << shift;
    return (int32_t)result;
  }
}

[[noreturn]] void raise(Header *header) {
  uncaught++;
  __builtin_wasm_throw(0, header);
}

}  // namespace

extern "C" {

_Thread_local struct {
  uintptr_t pad;
  const uint8_t *table;
  uintptr_t clause;
} __wasm_lpad_context;

// The first clause of the landing pad that catches the exception; 0 for none.
int _Unwind_CallPersonality(Header *header) {
  auto &context = __wasm_lpad_context;
  context.clause = 0;
  const uint8_t *at = context.table;
  at++;     // No base of landing pads.
  if (*at++ == 0xFF) return 0;  // No types.
  const uint32_t typeDistance = readUnsigned(at);
  const uint32_t *types = (const uint32_t *)(at + typeDistance);
  at++;     // Numbers are LEB128.
  const uint32_t padBytes = readUnsigned(at);
  const uint8_t *actions = at + padBytes;
  // A pair for each pad: its number, and 1 more than the place of its first action.
  uint32_t action = 0;
  for (uintptr_t pad = 0; pad <= context.pad; pad++) {
    readUnsigned(at);
    action = readUnsigned(at);
  }
  if (!action) return 0;
  const uint8_t *entry = actions + action - 1;
  for (;;) {
    const int32_t filter = readSigned(entry);
    const uint8_t *link = entry;
    const int32_t distance = readSigned(entry);
    if (filter > 0) {
      const auto *type = (const __shim_type_info *)types[-filter];
      void *adjusted = header->object();
      if (!type || type->can_catch((const __shim_type_info *)header->type, adjusted)) {
        header->adjusted = adjusted;
        context.clause = (uintptr_t)filter;
        return 0;
      }
    }
    if (!distance) return 0;
    entry = link + distance;
  }
}

// Nothing refers to its code: its name tells the compiler which tables to write.
int __gxx_wasm_personality_v0(...) { abort(); }

void *__cxa_allocate_exception(size_t size) {
  Header *header = (Header *)aligned_alloc(16, sizeof(Header) + ((size + 15) & ~(size_t)15));
  memset(header, 0, sizeof(Header));
  return header->object();
}

void __cxa_free_exception(void *object) { free((Header *)object - 1); }

[[noreturn]] void __cxa_throw(void *object, std::type_info *type, void *(*destroy)(void *)) {
  Header *header = (Header *)object - 1;
  header->type = type;
  header->destroy = destroy;
  raise(header);
}

void *__cxa_get_exception_ptr(Header *header) { return header->adjusted; }

void *__cxa_begin_catch(Header *header) {
  header->handlers = (header->handlers < 0 ? -header->handlers : header->handlers) + 1;
  if (header != caught) {
    header->next = caught;
    caught = header;
  }
  uncaught--;
  return header->adjusted;
}

void __cxa_end_catch(void) {
  Header *header = caught;
  if (!header) return;
  if (header->handlers < 0) {
    // It left its handler, and lives on.
    if (++header->handlers == 0) caught = header->next;
  } else if (--header->handlers == 0) {
    caught = header->next;
    if (header->destroy) header->destroy(header->object());
    __cxa_free_exception(header->object());
  }
}

[[noreturn]] void __cxa_rethrow(void) {
  if (!caught) std::terminate();
  caught->handlers = -caught->handlers;
  raise(caught);
}
}

// libc++'s would bring in libc++abi's substitutes for some of the above.
int std::uncaught_exceptions() noexcept { return uncaught; }
