// LLVM's reader of DWARF, which its C interface lacks. Not for hostile input: call it in a process of its own.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A custom section of a module: ".debug_line" and the like. Both must outlive the reader.
struct wpgo_debug_section {
  const char *name;
  const void *bytes;
  size_t size;
};

// A function of the source, and where in it. Strings live during the call only.
struct wpgo_source_frame {
  const char *function;  // demangled; NULL: unknown
  const char *file;      // NULL: unknown
  uint32_t line;         // 0: code of no line
  uint32_t column;       // 0: unknown
  uint32_t start_line;   // of the function; 0: unknown
};

// NULL if there is nothing to read.
void *wpgo_source_open(const struct wpgo_debug_section *sections, size_t count);
void wpgo_source_close(void *reader);

// Calls `visit` with the functions that were inlined at an offset in the contents of the code section, innermost first, and then with the
// function that they are in; not at all if nothing is known.
void wpgo_source_frames(
    void *reader, uint64_t offset,
    void (*visit)(void *context, const struct wpgo_source_frame *frame), void *context);

// Demangles a name of C++, Rust, D or Microsoft. The caller frees the result.
char *wpgo_demangle(const char *name);

#ifdef __cplusplus
}
#endif
