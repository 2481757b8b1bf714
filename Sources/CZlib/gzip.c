#include "CZlib.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

// Window of 32 KiB, and a gzip header without a name and a time.
enum { gzip_window = 15 + 16 };

size_t wpgo_gzip_bound(size_t size) {
  // zlib's own bound for deflate, and the header and trailer.
  return compressBound(size) + 32;
}

size_t wpgo_gzip(const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (size > UINT_MAX || capacity > UINT_MAX) return 0;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return 0;
  stream.next_in = (uint8_t *)bytes;
  stream.avail_in = (unsigned)size;
  stream.next_out = out;
  stream.avail_out = (unsigned)capacity;
  int status = deflate(&stream, Z_FINISH);
  size_t written = stream.total_out;
  deflateEnd(&stream);
  return status == Z_STREAM_END ? written : 0;
}

enum wpgo_gunzip_status wpgo_gunzip(
    const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity, size_t *written) {
  *written = 0;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (size > UINT_MAX || capacity > UINT_MAX || inflateInit2(&stream, gzip_window) != Z_OK)
    return wpgo_gunzip_damaged;
  stream.next_in = (uint8_t *)bytes;
  stream.avail_in = (unsigned)size;
  stream.next_out = out;
  stream.avail_out = (unsigned)capacity;
  int status;
  // Each member of the file begins where the one before ended.
  do {
    status = inflate(&stream, Z_FINISH);
    *written = (size_t)(stream.next_out - out);
  } while (status == Z_STREAM_END && stream.avail_in > 0 && inflateReset(&stream) == Z_OK);
  int is_full = stream.avail_out == 0;
  inflateEnd(&stream);
  if (status == Z_STREAM_END) return wpgo_gunzip_done;
  return is_full ? wpgo_gunzip_more : wpgo_gunzip_damaged;
}
