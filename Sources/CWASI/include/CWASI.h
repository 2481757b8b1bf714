// The Linux system calls that preview 1 is made of. Swift's Glibc lacks several of them (openat2, preadv2, getdents64)
// and the constants behind _GNU_SOURCE. Every function returns a value >= 0, or the negated errno.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

// What fstat says, times in nanoseconds since 1970 (0 for earlier ones), kind = st_mode & S_IFMT.
struct wpgo_stat {
  uint64_t device, inode, links, size, accessed, modified, changed;
  uint32_t kind;
};

// A timestamp to set: nanoseconds since 1970, now, or left as it is.
enum wpgo_time_kind { WPGO_TIME_OMIT = 0, WPGO_TIME_NOW = 1, WPGO_TIME_VALUE = 2 };
struct wpgo_time {
  enum wpgo_time_kind kind;
  uint64_t nanoseconds;
};

struct wpgo_poll {
  int fd;
  short events, revents;
};

enum {
  WPGO_KIND_FIFO = 0010000,
  WPGO_KIND_CHARACTER = 0020000,
  WPGO_KIND_DIRECTORY = 0040000,
  WPGO_KIND_BLOCK = 0060000,
  WPGO_KIND_REGULAR = 0100000,
  WPGO_KIND_LINK = 0120000,
  WPGO_KIND_SOCKET = 0140000,
};

// open(2) flags by name; O_CLOEXEC and O_NOCTTY are always added.
enum {
  WPGO_READ = 1,
  WPGO_WRITE = 2,
  WPGO_CREATE = 4,
  WPGO_EXCLUSIVE = 8,
  WPGO_TRUNCATE = 16,
  WPGO_DIRECTORY = 32,
  WPGO_NOFOLLOW = 64,
  WPGO_NONBLOCK = 128,
  WPGO_PATH = 256,
};

// preadv2/pwritev2 flags.
enum { WPGO_APPEND = 1, WPGO_DSYNC = 2, WPGO_SYNC = 4 };

// poll(2) events.
enum { WPGO_POLLIN = 1, WPGO_POLLOUT = 4, WPGO_POLLERR = 8, WPGO_POLLHUP = 16, WPGO_POLLNVAL = 32 };

// Opens `path` relative to `directory`, by openat2 with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS.
long wpgo_open_beneath(int directory, const char *path, unsigned flags);
// Whether the kernel (and the process's seccomp filter) lets openat2 be used at all.
int wpgo_has_openat2(void);
// Plain openat(2).
long wpgo_open_at(int directory, const char *path, unsigned flags);
long wpgo_close(int fd);

long wpgo_stat(int fd, struct wpgo_stat *out);
long wpgo_stat_at(int directory, const char *name, struct wpgo_stat *out);  // never follows
long wpgo_make_directory(int directory, const char *name);
long wpgo_unlink(int directory, const char *name);
long wpgo_remove_directory(int directory, const char *name);
long wpgo_rename(int old_directory, const char *old, int new_directory, const char *new_name);
long wpgo_link(int old_directory, const char *old, int new_directory, const char *new_name);
long wpgo_symlink(const char *contents, int directory, const char *name);
long wpgo_read_link(int directory, const char *name, void *buffer, size_t size);
long wpgo_set_times_at(int directory, const char *name, struct wpgo_time a, struct wpgo_time m);
long wpgo_set_times(int fd, struct wpgo_time accessed, struct wpgo_time modified);

// Offset -1: at the descriptor's own offset.
long wpgo_read(int fd, const struct iovec *vectors, int count, int64_t offset);
// SIGPIPE is kept from the process; the call fails with EPIPE.
long wpgo_write(int fd, const struct iovec *vectors, int count, int64_t offset, unsigned flags,
                int may_be_pipe);
long wpgo_seek(int fd, int64_t offset, int whence);
long wpgo_truncate(int fd, int64_t size);
long wpgo_allocate(int fd, int64_t offset, int64_t length);
long wpgo_advise(int fd, int64_t offset, int64_t length, int advice);
long wpgo_sync(int fd);
long wpgo_datasync(int fd);
long wpgo_directory_entries(int fd, void *buffer, size_t size);
long wpgo_set_nonblocking(int fd, int on);
// Bytes that can be read at once; 0 if unknown.
long wpgo_readable_bytes(int fd);
int wpgo_is_terminal(int fd);

// 0 neither, 1 stream, 2 datagram.
int wpgo_socket_type(int fd);
long wpgo_accept(int fd, int nonblocking);
// *truncated: whether a datagram's end was lost.
long wpgo_receive(int fd, const struct iovec *vectors, int count, int peek, int wait_all,
                  int no_wait, int *truncated);
long wpgo_send(int fd, const struct iovec *vectors, int count, int no_wait);
long wpgo_shutdown(int fd, int read, int write);

long wpgo_random(void *buffer, size_t size);
// nanoseconds: of the wait, -1 for ever.
long wpgo_poll(struct wpgo_poll *entries, size_t count, int64_t nanoseconds);
long wpgo_clock_time(int clock, uint64_t *nanoseconds);
long wpgo_clock_resolution(int clock, uint64_t *nanoseconds);
void wpgo_yield(void);
