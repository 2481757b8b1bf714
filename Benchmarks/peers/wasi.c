// A small WASI preview 1 for programs translated by wabt's wasm2c, which brings none: arguments, standard output
// and error, a clock, exit. Everything else answers "not supported" or "bad descriptor". Enough for the kernels here.
// Written for the names that wabt 1.0.32 (Debian 12) generates, with `wasm2c -n kernel`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

struct Z_wasi_snapshot_preview1_instance_t {
  wasm_rt_memory_t *memory;
  int argc;
  char **argv;
};

typedef struct Z_wasi_snapshot_preview1_instance_t wasi;

enum { SUCCESS = 0, BADF = 8, FAULT = 21, INVAL = 28, IO = 29, NOSYS = 52, SPIPE = 70 };

// The address of `size` bytes of linear memory, or NULL if they are not all inside.
static void *at(wasi *w, u32 address, u64 size) {
  return (u64)address + size <= (u64)w->memory->pages * 65536 ? w->memory->data + address : NULL;
}

static u32 put32(wasi *w, u32 address, u32 value) {
  void *to = at(w, address, 4);
  if (!to) return FAULT;
  memcpy(to, &value, 4);
  return SUCCESS;
}

static u32 put64(wasi *w, u32 address, u64 value) {
  void *to = at(w, address, 8);
  if (!to) return FAULT;
  memcpy(to, &value, 8);
  return SUCCESS;
}

#define WASI(name) Z_wasi_snapshot_preview1Z_##name

u32 WASI(args_sizes_get)(wasi *w, u32 count, u32 size) {
  u32 bytes = 0;
  for (int i = 0; i < w->argc; i++) bytes += (u32)strlen(w->argv[i]) + 1;
  u32 error = put32(w, count, (u32)w->argc);
  return error ? error : put32(w, size, bytes);
}

u32 WASI(args_get)(wasi *w, u32 pointers, u32 buffer) {
  for (int i = 0; i < w->argc; i++) {
    u32 length = (u32)strlen(w->argv[i]) + 1;
    void *to = at(w, buffer, length);
    if (!to) return FAULT;
    memcpy(to, w->argv[i], length);
    u32 error = put32(w, pointers + 4 * (u32)i, buffer);
    if (error) return error;
    buffer += length;
  }
  return SUCCESS;
}

u32 WASI(environ_sizes_get)(wasi *w, u32 count, u32 size) {
  u32 error = put32(w, count, 0);
  return error ? error : put32(w, size, 0);
}

u32 WASI(environ_get)(wasi *w, u32 pointers, u32 buffer) {
  (void)w, (void)pointers, (void)buffer;
  return SUCCESS;
}

u32 WASI(clock_time_get)(wasi *w, u32 clock, u64 precision, u32 result) {
  (void)precision;
  struct timespec now;
  if (clock > 1 || clock_gettime(clock == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now)) return INVAL;
  return put64(w, result, (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec);
}

u32 WASI(clock_res_get)(wasi *w, u32 clock, u32 result) {
  return clock > 1 ? INVAL : put64(w, result, 1);
}

u32 WASI(random_get)(wasi *w, u32 buffer, u32 size) {
  u8 *to = at(w, buffer, size);
  if (!to) return FAULT;
  // The same bytes each time: a benchmark should not depend on them.
  for (u32 i = 0; i < size; i++) to[i] = (u8)(i * 167 + 13);
  return SUCCESS;
}

u32 WASI(fd_write)(wasi *w, u32 fd, u32 vectors, u32 count, u32 written) {
  if (fd != 1 && fd != 2) return BADF;
  u32 total = 0;
  for (u32 i = 0; i < count; i++) {
    u32 part[2];
    const void *from = at(w, vectors + 8 * i, 8);
    if (!from) return FAULT;
    memcpy(part, from, 8);
    const u8 *bytes = at(w, part[0], part[1]);
    if (!bytes) return FAULT;
    for (u32 done = 0; done < part[1];) {
      ssize_t n = write((int)fd, bytes + done, part[1] - done);
      if (n < 0) return IO;
      done += (u32)n;
    }
    total += part[1];
  }
  return put32(w, written, total);
}

u32 WASI(fd_read)(wasi *w, u32 fd, u32 vectors, u32 count, u32 read) {
  (void)vectors, (void)count;
  return fd == 0 ? put32(w, read, 0) : BADF;
}

u32 WASI(fd_fdstat_get)(wasi *w, u32 fd, u32 result) {
  u8 *to = at(w, result, 24);
  if (fd > 2) return BADF;
  if (!to) return FAULT;
  memset(to, 0, 24);
  to[0] = 2;              // a character device
  memset(to + 8, 255, 8); // all rights
  return SUCCESS;
}

u32 WASI(fd_close)(wasi *w, u32 fd) {
  (void)w;
  return fd > 2 ? BADF : SUCCESS;
}

u32 WASI(fd_seek)(wasi *w, u32 fd, u64 offset, u32 whence, u32 result) {
  (void)w, (void)offset, (void)whence, (void)result;
  return fd > 2 ? BADF : SPIPE;
}

u32 WASI(fd_fdstat_set_flags)(wasi *w, u32 fd, u32 flags) {
  (void)w, (void)fd, (void)flags;
  return NOSYS;
}

u32 WASI(fd_prestat_get)(wasi *w, u32 fd, u32 result) {
  (void)w, (void)fd, (void)result;
  return BADF;
}

u32 WASI(fd_prestat_dir_name)(wasi *w, u32 fd, u32 path, u32 length) {
  (void)w, (void)fd, (void)path, (void)length;
  return BADF;
}

void WASI(proc_exit)(wasi *w, u32 code) {
  (void)w;
  exit((int)code);
}

int main(int argc, char **argv) {
  static Z_kernel_instance_t instance;
  wasi host = {.argc = argc, .argv = argv};
  wasm_rt_init();
  Z_kernel_init_module();
  // Instantiation runs no imported function here; the memory exists only after it.
  Z_kernel_instantiate(&instance, &host);
  host.memory = Z_kernelZ_memory(&instance);
  Z_kernelZ__start(&instance);
  return 0;
}
