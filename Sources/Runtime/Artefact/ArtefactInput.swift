import Contract
import Files
import Glibc

/// A file's contents. A regular file is mapped, so that only the pages that are needed are read, and what is read is shared with
/// all processes that use it. Anything else, such as a pipe, is copied.
struct ArtefactInput {
  /// Code and tables are limited by ``ArtefactImage/maximumSize``; debug sections add to that.
  private static let maximumSize = 1 << 32

  private let descriptor: Int32
  private let isRegular: Bool
  let bytes: UnsafeRawBufferPointer
  /// The file's descriptor if its pages can be mapped.
  var mappable: Int32? { isRegular ? descriptor : nil }

  init(path: HostString) throws(ArtefactError) {
    func failure(_ code: Int32) -> ArtefactError {
      ArtefactError(.system, "\(path): \(String(cString: strerror(code)))")
    }
    let descriptor = aboveStandardStreams(
      path.withCString { Glibc.open($0, O_RDONLY | O_CLOEXEC) })
    guard descriptor >= 0 else { throw failure(errno) }
    self.descriptor = descriptor
    do throws(ArtefactError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
      isRegular = status.st_mode & S_IFMT == S_IFREG
      if isRegular {
        guard status.st_size <= Self.maximumSize else { throw failure(EFBIG) }
        bytes = try Self.map(descriptor, Int(status.st_size), failure)
      } else {
        bytes = try Self.read(descriptor, failure)
      }
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  private static func map(
    _ descriptor: Int32, _ size: Int, _ failure: (Int32) -> ArtefactError
  ) throws(ArtefactError) -> UnsafeRawBufferPointer {
    if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      memory != MAP_FAILED
    else { throw failure(errno) }
    return UnsafeRawBufferPointer(start: memory, count: size)
  }

  /// Reads up to the end, which is not known before.
  private static func read(
    _ descriptor: Int32, _ failure: (Int32) -> ArtefactError
  ) throws(ArtefactError) -> UnsafeRawBufferPointer {
    var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    var count = 0
    while true {
      if count == storage.count {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(storage))
        storage.deallocate()
        storage = larger
      }
      // In bounds: reads no more than the remaining storage.
      let more = Glibc.read(descriptor, storage.baseAddress! + count, storage.count - count)
      if more < 0 && errno == EINTR { continue }
      if more == 0 { return UnsafeRawBufferPointer(rebasing: storage[..<count]) }
      let code = more < 0 ? errno : EFBIG
      count += max(0, more)
      guard more > 0, count < maximumSize else {
        storage.deallocate()
        throw failure(code)
      }
    }
  }

  func close() {
    if isRegular {
      // What `map` mapped, or nothing.
      if let start = bytes.baseAddress {
        munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
      }
    } else {
      bytes.deallocate()
    }
    Glibc.close(descriptor)
  }
}
