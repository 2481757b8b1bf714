import CWASI
import Glibc

/// The value of a host call that returns a negated errno on failure.
@discardableResult
func host(_ result: Int) throws(WASIErrno) -> Int {
  guard result < 0 else { return result }
  throw WASIErrno(host: Int32(-result))
}

/// An owned host descriptor.
struct HostDescriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { _ = wpgo_close(number) }

  /// Gives up ownership.
  consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}

extension wpgo_stat {
  /// Linux's kinds as the witx has them. It has none for pipes.
  var fileType: WASIFileType {
    switch Int(kind) {
    case WPGO_KIND_BLOCK: .blockDevice
    case WPGO_KIND_CHARACTER: .characterDevice
    case WPGO_KIND_DIRECTORY: .directory
    case WPGO_KIND_REGULAR: .regularFile
    case WPGO_KIND_LINK: .symbolicLink
    case WPGO_KIND_SOCKET: .socketStream
    default: .unknown
    }
  }
}

func stat(_ descriptor: Int32) throws(WASIErrno) -> wpgo_stat {
  var result = wpgo_stat()
  try host(wpgo_stat(descriptor, &result))
  return result
}
