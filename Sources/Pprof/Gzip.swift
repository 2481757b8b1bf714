import CZlib

/// gzip (RFC 1952).
enum Gzip {
  /// Bytes that a file may have when it is unpacked.
  static let maximumSize = 1 << 30

  static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  static func pack(_ bytes: [UInt8]) throws(PprofError) -> [UInt8] {
    let capacity = wpgo_gzip_bound(bytes.count)
    let packed = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      // Both buffers are as large as is said, and live during the call.
      count = wpgo_gzip(bytes, bytes.count, buffer.baseAddress, capacity)
    }
    guard !packed.isEmpty else { throw PprofError("too large to be packed") }
    return packed
  }

  static func unpack(_ bytes: [UInt8]) throws(PprofError) -> [UInt8] {
    var capacity = max(1 << 16, 8 * bytes.count)
    while true {
      capacity = min(capacity, maximumSize)
      var status = wpgo_gunzip_damaged
      let unpacked = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        // As above.
        status = wpgo_gunzip(bytes, bytes.count, buffer.baseAddress, capacity, &count)
      }
      switch status {
      case wpgo_gunzip_done: return unpacked
      case wpgo_gunzip_more where capacity < maximumSize: capacity *= 8
      case wpgo_gunzip_more: throw PprofError("unpacks to more than 1 GiB")
      default: throw PprofError("gzip data is cut off or damaged")
      }
    }
  }
}
