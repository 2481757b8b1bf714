import Glibc

/// Moves a descriptor that was just opened above those of the standard streams. Where a process runs with one of these closed,
/// what it prints would go into whatever took the number.
/// - Parameter descriptor: or what a call returned that failed; it is passed on, with its errno.
public func aboveStandardStreams(_ descriptor: Int32) -> Int32 {
  guard (0...2).contains(descriptor) else { return descriptor }
  let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
  let error = errno
  close(descriptor)
  errno = error
  return moved
}
