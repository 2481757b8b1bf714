import CWASI

/// What vectors stand for, and moving what they hold without being deaf to an interruption for long.
extension WASI {
  /// Bytes that are moved between two looks whether the guest is to be interrupted: a fraction of a millisecond.
  private static let portion = 1 << 20

  /// Slots 1 and 2: witx `$iovec_array`.
  func vectors(_ call: GuestCall) throws -> [iovec] {
    try call.memory.vectors(call.u32(1), call.u32(2), everySoOften: checkInterrupt)
  }

  /// Behind `count` bytes from `offset`; what no file reaches stays there.
  static func advance(_ offset: Int64, _ count: Int) -> Int64 {
    let (sum, overflow) = offset.addingReportingOverflow(Int64(count))
    return overflow ? .max : sum
  }

  /// Runs a transfer that no signal breaks off, as are those of files and of memory, a portion at a time.
  /// - Parameters:
  ///   - isWhole: in one go all the same: pipes, terminals and sockets wait, and signals end that.
  ///   - body: gets vectors, and how many bytes were moved before them. Returns how many it moved.
  /// - Returns: the bytes moved: up to the first portion that came short, or failed once some were moved.
  func inPortions(
    _ vectors: UnsafeBufferPointer<iovec>, isWhole: Bool = false,
    _ body: (UnsafeBufferPointer<iovec>, Int) throws -> Int
  ) throws -> Int {
    let total = vectors.reduce(0) { $0 + $1.iov_len }
    if isWhole || total <= Self.portion { return try body(vectors, 0) }
    var rest = Array(vectors)[...]
    var done = 0
    while done < total {
      if done > 0 { try checkInterrupt() }
      let next = Self.take(min(Self.portion, total - done), of: &rest)
      do {
        let count = try next.withUnsafeBufferPointer { try body($0, done) }
        done += count
        if count < next.reduce(0, { $0 + $1.iov_len }) { return done }
      } catch let error as WASIErrno {
        guard done > 0 else { throw error }
        return done
      }
    }
    return done
  }

  /// Removes the first `count` bytes, which must be there.
  private static func take(_ count: Int, of rest: inout ArraySlice<iovec>) -> [iovec] {
    var result: [iovec] = []
    var left = count
    while left > 0, let first = rest.first {
      let length = min(left, first.iov_len)
      result.append(iovec(iov_base: first.iov_base, iov_len: length))
      left -= length
      if length == first.iov_len {
        rest = rest.dropFirst()
      } else {
        // Inside of the vector: length is less than its own.
        rest[rest.startIndex] = iovec(
          iov_base: first.iov_base + length, iov_len: first.iov_len - length)
      }
    }
    return result
  }
}

extension GuestMemory {
  /// The most vectors that one host call takes (Linux's UIO_MAXIOV). The rest of a longer list is not transferred,
  /// as after any short read or write.
  static let maximumVectors = 1024
  /// The most bytes that one host call transfers (Linux's MAX_RW_COUNT).
  static let maximumTransfer = 0x7FFF_F000

  /// All are checked, what one host call takes is returned.
  func vectors(_ address: UInt32, _ count: UInt32, everySoOften check: () throws -> Void) throws
    -> [iovec]
  {
    let records = try bytes(address, 8 * Int(count))
    var vectors: [iovec] = []
    vectors.reserveCapacity(min(Int(count), Self.maximumVectors))
    var left = Self.maximumTransfer
    for index in 0..<Int(count) {
      if index & 0xFFFF == 0xFFFF { try check() }
      let buffer = try bytes(
        records.load(8 * index, UInt32.self), records.load(8 * index + 4, UInt32.self))
      if vectors.count < Self.maximumVectors {
        let length = min(left, buffer.count)
        vectors.append(iovec(iov_base: buffer.baseAddress!, iov_len: length))
        left -= length
      }
    }
    return vectors
  }
}
