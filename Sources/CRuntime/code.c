// Pages for machine code. An arena is a memory file that is mapped readable and executable only; bytes
// reach it by pwrite, so that no page is ever writable and executable, nor mapped writable at all, and code can be
// added beside code that other threads are executing.
//
// The mapping is shared with children of fork(): a child takes new arenas, and after a fork neither side gives
// pages back, which the other may be executing.
#define _GNU_SOURCE
#include "forbid.h"
#include "mapping.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

enum { page = 4096 };
static const size_t arena_size = (size_t)64 << 20;

// Free pages, by offset in the arena, ascending and never adjacent.
struct hole {
  size_t offset, size;
  struct hole *next;
};

struct arena {
  char *base;
  size_t size;
  int file;
  // Set after a fork: in the child there is nothing to allocate, in the parent nothing to give back.
  int is_closed, is_shared;
  struct hole *holes;
  struct arena *next;
};

static struct arena *arenas;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void) { pthread_mutex_lock(&lock); }

static void in_parent(void) {
  for (struct arena *arena = arenas; arena; arena = arena->next) arena->is_shared = 1;
  pthread_mutex_unlock(&lock);
}

static void in_child(void) {
  for (struct arena *arena = arenas; arena; arena = arena->next)
    arena->is_shared = arena->is_closed = 1;
  pthread_mutex_unlock(&lock);
}

static void register_fork_handlers(void) { pthread_atfork(before_fork, in_parent, in_child); }

static int make_file(void) {
  // Kernels before 6.3 do not know MFD_EXEC.
  int file = memfd_create("wasm-pgo code", MFD_CLOEXEC | MFD_EXEC);
  if (file < 0 && errno == EINVAL) file = memfd_create("wasm-pgo code", MFD_CLOEXEC);
  if (file < 0 || file > 2) return file;
  // The host runs with a standard stream closed: what is written to it must not come here.
  int above = fcntl(file, F_DUPFD_CLOEXEC, 3);
  close(file);
  return above;
}

static struct arena *make_arena(size_t size) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_fork_handlers);
  if (size < arena_size) size = arena_size;
  struct arena *arena = calloc(1, sizeof *arena);
  struct hole *hole = calloc(1, sizeof *hole);
  int file = make_file();
  if (!arena || !hole || file < 0 || ftruncate(file, (off_t)size) != 0) goto fail;
  void *base = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, file, 0);
  if (base == MAP_FAILED) goto fail;
  if (!wpgo_add_code((uintptr_t)base, (uintptr_t)base + size)) {
    munmap(base, size);
    goto fail;
  }
  hole->size = size;
  *arena = (struct arena){.base = base, .size = size, .file = file, .holes = hole, .next = arenas};
  return arenas = arena;
fail:
  if (file >= 0) close(file);
  free(hole);
  free(arena);
  return NULL;
}

static void *take(struct arena *arena, size_t size) {
  for (struct hole **link = &arena->holes; *link; link = &(*link)->next) {
    struct hole *hole = *link;
    if (hole->size < size) continue;
    void *start = arena->base + hole->offset;
    hole->offset += size;
    hole->size -= size;
    if (hole->size == 0) {
      *link = hole->next;
      free(hole);
    }
    return start;
  }
  return NULL;
}

static size_t round_up(size_t size) { return (size + page - 1) & ~(size_t)(page - 1); }

int wpgo_code_exists(void) {
  pthread_mutex_lock(&lock);
  int exists = arenas != NULL;
  pthread_mutex_unlock(&lock);
  return exists;
}

void *wpgo_code_allocate(size_t size) {
  if (wpgo_executable_memory_is_forbidden()) return NULL;
  size = round_up(size);
  void *start = NULL;
  pthread_mutex_lock(&lock);
  for (struct arena *arena = arenas; arena && !start; arena = arena->next)
    if (!arena->is_closed) start = take(arena, size);
  if (!start) {
    struct arena *arena = make_arena(size);
    if (arena) start = take(arena, size);
  }
  pthread_mutex_unlock(&lock);
  return start;
}

static struct arena *arena_of(const char *address) {
  struct arena *arena = arenas;
  while (arena && (address < arena->base || address >= arena->base + arena->size))
    arena = arena->next;
  return arena;
}

int wpgo_code_is_open(const void *address) {
  pthread_mutex_lock(&lock);
  struct arena *arena = arena_of(address);
  int is_open = arena && !arena->is_closed;
  pthread_mutex_unlock(&lock);
  return is_open;
}

int wpgo_code_write(void *destination, const void *bytes, size_t size) {
  if (wpgo_executable_memory_is_forbidden()) return 0;
  pthread_mutex_lock(&lock);
  struct arena *arena = arena_of(destination);
  int file = arena && !arena->is_closed ? arena->file : -1;
  off_t offset = arena ? (char *)destination - arena->base : 0;
  pthread_mutex_unlock(&lock);
  if (file < 0) return 0;
  while (size > 0) {
    ssize_t written = pwrite(file, bytes, size, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return 0;
    bytes = (const char *)bytes + written;
    offset += written;
    size -= (size_t)written;
  }
  return 1;
}

// Inserts a hole and merges it with its neighbours. Without memory for the node the pages stay unused.
static void give_back(struct arena *arena, size_t offset, size_t size) {
  struct hole **link = &arena->holes;
  struct hole *before = NULL;
  while (*link && (*link)->offset < offset) {
    before = *link;
    link = &before->next;
  }
  struct hole *after = *link;
  if (before && before->offset + before->size == offset) {
    before->size += size;
  } else {
    struct hole *hole = calloc(1, sizeof *hole);
    if (!hole) return;
    *hole = (struct hole){.offset = offset, .size = size, .next = after};
    *link = before = hole;
  }
  if (after && before->offset + before->size == after->offset) {
    before->size += after->size;
    before->next = after->next;
    free(after);
  }
}

void wpgo_code_free(void *start, size_t size) {
  size = round_up(size);
  pthread_mutex_lock(&lock);
  struct arena *arena = arena_of(start);
  if (arena && !arena->is_shared) {
    size_t offset = (size_t)((char *)start - arena->base);
    fallocate(arena->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size);
    give_back(arena, offset, size);
  }
  pthread_mutex_unlock(&lock);
}
