import Glibc

/// Opens what is closed among the standard streams, so that no file gets their numbers and takes what is meant for them. They are
/// as good as closed still: reading and writing fail with EBADF.
func openStandardStreams() {
  for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
    // The lowest number that is free: this one.
    guard open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY) == number else { _exit(71) }
  }
}
