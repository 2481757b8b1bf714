#define _GNU_SOURCE
#include "CWASI.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -(long)errno : value; }

// A new descriptor, never one of the standard streams': the host may run with those closed, and print.
static long descriptor(long fd) {
  if (fd < 0 || fd > 2) return result(fd);
  long moved = result(fcntl((int)fd, F_DUPFD_CLOEXEC, 3));
  close((int)fd);
  return moved;
}

// Opening.

static uint64_t open_flags(unsigned flags) {
  uint64_t host = O_CLOEXEC | O_NOCTTY;
  if (flags & WPGO_PATH) host = O_CLOEXEC | O_PATH;
  else host |= flags & WPGO_WRITE ? (flags & WPGO_READ ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (flags & WPGO_CREATE) host |= O_CREAT;
  if (flags & WPGO_EXCLUSIVE) host |= O_EXCL;
  if (flags & WPGO_TRUNCATE) host |= O_TRUNC;
  if (flags & WPGO_DIRECTORY) host |= O_DIRECTORY;
  if (flags & WPGO_NOFOLLOW) host |= O_NOFOLLOW;
  if (flags & WPGO_NONBLOCK) host |= O_NONBLOCK;
  return host;
}

static unsigned creation_mode(unsigned flags) { return flags & WPGO_CREATE ? 0666 : 0; }

long wpgo_open_beneath(int directory, const char *path, unsigned flags) {
  struct open_how how = {
      .flags = open_flags(flags),
      .mode = creation_mode(flags),
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
  };
  return descriptor(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

int wpgo_has_openat2(void) {
  long fd = wpgo_open_beneath(AT_FDCWD, ".", WPGO_PATH);
  // Only these say that the call itself is refused; the working directory may be gone or forbidden.
  if (fd == -ENOSYS || fd == -EPERM || fd == -E2BIG || fd == -EINVAL) return 0;
  if (fd >= 0) close((int)fd);
  return 1;
}

long wpgo_open_at(int directory, const char *path, unsigned flags) {
  return descriptor(openat(directory, path, (int)open_flags(flags), creation_mode(flags)));
}

long wpgo_close(int fd) { return result(close(fd)); }

// Attributes and names.

static uint64_t nanoseconds(struct timespec t) {
  return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void convert(const struct stat *from, struct wpgo_stat *to) {
  to->device = from->st_dev;
  to->inode = from->st_ino;
  to->links = from->st_nlink;
  to->size = from->st_size < 0 ? 0 : (uint64_t)from->st_size;
  to->accessed = nanoseconds(from->st_atim);
  to->modified = nanoseconds(from->st_mtim);
  to->changed = nanoseconds(from->st_ctim);
  to->kind = from->st_mode & S_IFMT;
}

long wpgo_stat(int fd, struct wpgo_stat *out) {
  struct stat host;
  if (fstat(fd, &host) < 0) return -errno;
  convert(&host, out);
  return 0;
}

long wpgo_stat_at(int directory, const char *name, struct wpgo_stat *out) {
  struct stat host;
  if (fstatat(directory, name, &host, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
  convert(&host, out);
  return 0;
}

long wpgo_make_directory(int directory, const char *name) {
  return result(mkdirat(directory, name, 0777));
}

long wpgo_unlink(int directory, const char *name) { return result(unlinkat(directory, name, 0)); }

long wpgo_remove_directory(int directory, const char *name) {
  return result(unlinkat(directory, name, AT_REMOVEDIR));
}

long wpgo_rename(int old_directory, const char *old, int new_directory, const char *new_name) {
  return result(renameat(old_directory, old, new_directory, new_name));
}

long wpgo_link(int old_directory, const char *old, int new_directory, const char *new_name) {
  return result(linkat(old_directory, old, new_directory, new_name, 0));
}

long wpgo_symlink(const char *contents, int directory, const char *name) {
  return result(symlinkat(contents, directory, name));
}

long wpgo_read_link(int directory, const char *name, void *buffer, size_t size) {
  return result(readlinkat(directory, name, buffer, size));
}

static struct timespec to_set(struct wpgo_time t) {
  struct timespec out = {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  if (t.kind == WPGO_TIME_NOW) out.tv_nsec = UTIME_NOW;
  if (t.kind == WPGO_TIME_VALUE) {
    out.tv_sec = (time_t)(t.nanoseconds / 1000000000u);
    out.tv_nsec = (long)(t.nanoseconds % 1000000000u);
  }
  return out;
}

long wpgo_set_times_at(int directory, const char *name, struct wpgo_time a, struct wpgo_time m) {
  struct timespec times[2] = {to_set(a), to_set(m)};
  return result(utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW));
}

long wpgo_set_times(int fd, struct wpgo_time accessed, struct wpgo_time modified) {
  struct timespec times[2] = {to_set(accessed), to_set(modified)};
  return result(futimens(fd, times));
}

// Contents.

long wpgo_read(int fd, const struct iovec *vectors, int count, int64_t offset) {
  if (offset < 0) return result(readv(fd, vectors, count));
  return result(preadv(fd, vectors, count, offset));
}

static long write_vectors(int fd, const struct iovec *vectors, int count, int64_t offset,
                          unsigned flags) {
  int host = 0;
  if (flags & WPGO_APPEND) host |= RWF_APPEND;
  if (flags & WPGO_DSYNC) host |= RWF_DSYNC;
  if (flags & WPGO_SYNC) host |= RWF_SYNC;
  if (host) return result(pwritev2(fd, vectors, count, offset, host));
  if (offset < 0) return result(writev(fd, vectors, count));
  return result(pwritev(fd, vectors, count, offset));
}

long wpgo_write(int fd, const struct iovec *vectors, int count, int64_t offset, unsigned flags,
                int may_be_pipe) {
  if (!may_be_pipe) return write_vectors(fd, vectors, count, offset, flags);
  // Block SIGPIPE in this thread, and take the one we caused off the queue before unblocking it.
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  long written = write_vectors(fd, vectors, count, offset, flags);
  if (written == -EPIPE && !was_pending) {
    struct timespec none = {0, 0};
    while (sigtimedwait(&pipe_signal, NULL, &none) < 0 && errno == EINTR) {}
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return written;
}

long wpgo_seek(int fd, int64_t offset, int whence) { return result(lseek(fd, offset, whence)); }
long wpgo_truncate(int fd, int64_t size) { return result(ftruncate(fd, size)); }

long wpgo_allocate(int fd, int64_t offset, int64_t length) {
  return result(fallocate(fd, 0, offset, length));
}

long wpgo_advise(int fd, int64_t offset, int64_t length, int advice) {
  static const int host[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                             POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  if (advice < 0 || advice > 5) return -EINVAL;
  return -(long)posix_fadvise(fd, offset, length, host[advice]);
}

long wpgo_sync(int fd) { return result(fsync(fd)); }
long wpgo_datasync(int fd) { return result(fdatasync(fd)); }

long wpgo_directory_entries(int fd, void *buffer, size_t size) {
  return result(syscall(SYS_getdents64, fd, buffer, size));
}

long wpgo_set_nonblocking(int fd, int on) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return result(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

long wpgo_readable_bytes(int fd) {
  int count = 0;
  return ioctl(fd, FIONREAD, &count) < 0 || count < 0 ? 0 : count;
}

int wpgo_is_terminal(int fd) { return isatty(fd); }

// Sockets.

int wpgo_socket_type(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) return 0;
  return type == SOCK_DGRAM ? 2 : 1;
}

long wpgo_accept(int fd, int nonblocking) {
  return descriptor(accept4(fd, NULL, NULL, SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0)));
}

long wpgo_receive(int fd, const struct iovec *vectors, int count, int peek, int wait_all,
                  int no_wait, int *truncated) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = (size_t)count;
  int flags = (peek ? MSG_PEEK : 0) | (wait_all ? MSG_WAITALL : 0) | (no_wait ? MSG_DONTWAIT : 0);
  long received = result(recvmsg(fd, &message, flags));
  *truncated = received >= 0 && (message.msg_flags & MSG_TRUNC) != 0;
  return received;
}

long wpgo_send(int fd, const struct iovec *vectors, int count, int no_wait) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = (struct iovec *)vectors;
  message.msg_iovlen = (size_t)count;
  return result(sendmsg(fd, &message, MSG_NOSIGNAL | (no_wait ? MSG_DONTWAIT : 0)));
}

long wpgo_shutdown(int fd, int read, int write) {
  return result(shutdown(fd, read && write ? SHUT_RDWR : read ? SHUT_RD : SHUT_WR));
}

// The rest.

long wpgo_random(void *buffer, size_t size) { return result(getrandom(buffer, size, 0)); }

long wpgo_poll(struct wpgo_poll *entries, size_t count, int64_t wait) {
  _Static_assert(sizeof(struct wpgo_poll) == sizeof(struct pollfd), "laid out as pollfd");
  _Static_assert(offsetof(struct wpgo_poll, revents) == offsetof(struct pollfd, revents), "same");
  _Static_assert(WPGO_POLLIN == POLLIN && WPGO_POLLOUT == POLLOUT && WPGO_POLLERR == POLLERR &&
                 WPGO_POLLHUP == POLLHUP && WPGO_POLLNVAL == POLLNVAL, "same bits");
  struct timespec t = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
  return result(ppoll((struct pollfd *)entries, count, wait < 0 ? NULL : &t, NULL));
}

static clockid_t host_clock(int clock) {
  static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                     CLOCK_THREAD_CPUTIME_ID};
  return clock >= 0 && clock < 4 ? clocks[clock] : -1;
}

long wpgo_clock_time(int clock, uint64_t *out) {
  struct timespec t;
  if (clock_gettime(host_clock(clock), &t) < 0) return -errno;
  *out = nanoseconds(t);
  return 0;
}

long wpgo_clock_resolution(int clock, uint64_t *out) {
  struct timespec t;
  if (clock_getres(host_clock(clock), &t) < 0) return -errno;
  *out = nanoseconds(t);
  return 0;
}

void wpgo_yield(void) { sched_yield(); }
