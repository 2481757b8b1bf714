// gzip, by zlib. A profile is small enough to be packed at once.
#pragma once

#include <stddef.h>
#include <stdint.h>

// At most so many bytes come out of wpgo_gzip.
size_t wpgo_gzip_bound(size_t size);

// Packs; `capacity` must be wpgo_gzip_bound(size). The same input gives the same bytes.
// Returns the number of bytes written, 0 if there is no memory.
size_t wpgo_gzip(const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity);

// Unpacks all members of a gzip file. Returns how it went, and the number of bytes written in `*written`.
enum wpgo_gunzip_status { wpgo_gunzip_done, wpgo_gunzip_more, wpgo_gunzip_damaged };
enum wpgo_gunzip_status wpgo_gunzip(
    const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity, size_t *written);
