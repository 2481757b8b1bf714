import CWASI

/// Reading and writing.
extension WASI {
  /// (fd, iovs, count, result)
  func fdRead(_ call: GuestCall) throws {
    let result = try call.slot(3, UInt32.self)
    try transfer(call, .fdRead) { file, entry, vectors in
      result.store(UInt32(try read(file, entry.flags, vectors)))
    }
  }

  /// (fd, iovs, count, result)
  func fdWrite(_ call: GuestCall) throws {
    let result = try call.slot(3, UInt32.self)
    try transfer(call, .fdWrite) { file, entry, vectors in
      result.store(UInt32(try write(file, entry.flags, vectors)))
    }
  }

  /// (fd, iovs, count, offset, result)
  func fdPread(_ call: GuestCall) throws {
    let result = try call.slot(4, UInt32.self)
    try transfer(call, [.fdRead, .fdSeek]) { file, _, vectors in
      let offset = try fileOffset(call.u64(3))
      let descriptor = file.hostDescriptor!  // seekable: not in memory
      let count = try inPortions(vectors) { vectors, done in
        try retrying {
          wpgo_read(
            descriptor, vectors.baseAddress, Int32(vectors.count), Self.advance(offset, done))
        }
      }
      result.store(UInt32(count))
    }
  }

  /// (fd, iovs, count, offset, result)
  func fdPwrite(_ call: GuestCall) throws {
    let result = try call.slot(4, UInt32.self)
    try transfer(call, [.fdWrite, .fdSeek]) { file, entry, vectors in
      if file.isReadOnly { throw WASIErrno.rofs }
      let offset = try fileOffset(call.u64(3))
      let descriptor = file.hostDescriptor!  // seekable: not in memory
      // Not append: POSIX writes where it was told.
      let flags = hostFlags(entry.flags.subtracting(.append))
      let count = try inPortions(vectors) { vectors, done in
        try retrying {
          wpgo_write(
            descriptor, vectors.baseAddress, Int32(vectors.count), Self.advance(offset, done),
            flags, 0)
        }
      }
      result.store(UInt32(count))
    }
  }

  /// Checks descriptor and vectors, then runs `body`. Slots 1 and 2 hold the vectors.
  private func transfer(
    _ call: GuestCall, _ rights: WASIRights,
    _ body: (OpenFile, Descriptor, UnsafeBufferPointer<iovec>) throws -> Void
  ) throws {
    let vectors = try vectors(call)
    let entry = try descriptors[call.u32(0)]
    // pread and pwrite of what cannot seek.
    if rights.contains(.fdSeek), !entry.file.applicable.contains(.fdSeek),
      entry.file.type != .directory, entry.rights.isSuperset(of: rights.subtracting(.fdSeek))
    {
      throw WASIErrno.spipe
    }
    try entry.require(rights)
    try vectors.withUnsafeBufferPointer { try body(entry.file, entry, $0) }
  }

  private func fileOffset(_ offset: UInt64) throws(WASIErrno) -> Int64 {
    guard let offset = Int64(exactly: offset) else { throw .inval }
    return offset
  }

  private func read(_ file: OpenFile, _ flags: FDFlags, _ vectors: UnsafeBufferPointer<iovec>)
    throws
    -> Int
  {
    switch file.backing {
    case .host(let descriptor, let isOwned):
      // One of our own is itself told not to wait, and knows a pipe that nobody writes from one that is empty.
      if file.canWait && !isOwned {
        try check(descriptor, WPGO_POLLIN, nonblocking: flags.contains(.nonblock))
      }
      return try inPortions(vectors, isWhole: file.canWait) { vectors, _ in
        try retrying { wpgo_read(descriptor, vectors.baseAddress, Int32(vectors.count), -1) }
      }
    case .bytes:
      return try inPortions(vectors) { vectors, _ in
        guard case .bytes(let bytes, let next) = file.backing else { return 0 }
        let end = bytes.withUnsafeBytes { copy($0, from: next, into: vectors) }
        file.backing = .bytes(bytes, next: end)
        return end - next
      }
    case .buffer, .discard: throw WASIErrno.badf
    }
  }

  private func copy(
    _ bytes: UnsafeRawBufferPointer, from start: Int, into vectors: UnsafeBufferPointer<iovec>
  ) -> Int {
    var next = start
    for vector in vectors {
      let count = min(vector.iov_len, bytes.count - next)
      // Inside both: the vector was checked against guest memory, count against what is left.
      if count > 0 { vector.iov_base.copyMemory(from: bytes.baseAddress! + next, byteCount: count) }
      next += count
    }
    return next
  }

  private func write(_ file: OpenFile, _ flags: FDFlags, _ vectors: UnsafeBufferPointer<iovec>)
    throws
    -> Int
  {
    if file.isReadOnly { throw WASIErrno.rofs }
    switch file.backing {
    case .host(let descriptor, _):
      if file.terminal != nil { return try writeFiltered(file, descriptor, flags, vectors) }
      return try write(descriptor, file, flags, vectors)
    case .buffer(let buffer):
      return try inPortions(vectors) { vectors, _ in try append(vectors, to: buffer) }
    case .discard: return vectors.reduce(0) { $0 + $1.iov_len }
    case .bytes: throw WASIErrno.badf
    }
  }

  private func append(_ vectors: UnsafeBufferPointer<iovec>, to buffer: WASIBuffer) throws -> Int {
    var total = 0
    for vector in vectors {
      let bytes = UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
      let count = buffer.append(bytes)
      total += count
      if count < bytes.count {
        if total == 0 { throw WASIErrno.nospc }
        break
      }
    }
    return total
  }

  private func write(
    _ descriptor: Int32, _ file: OpenFile, _ flags: FDFlags, _ vectors: UnsafeBufferPointer<iovec>
  ) throws -> Int {
    let nonblocking = flags.contains(.nonblock)
    if file.isSocket {
      return try retrying {
        wpgo_send(descriptor, vectors.baseAddress, Int32(vectors.count), nonblocking ? 1 : 0)
      }
    }
    if file.canWait { try check(descriptor, WPGO_POLLOUT, nonblocking: nonblocking) }
    // A pipe that has room takes this much without waiting (PIPE_BUF); more might wait.
    let bounded = nonblocking && file.isPipe ? bound(vectors, to: 4096) : Array(vectors)
    let host = hostFlags(flags)
    return try bounded.withUnsafeBufferPointer { bounded in
      try inPortions(bounded, isWhole: file.canWait) { vectors, _ in
        try retrying {
          wpgo_write(
            descriptor, vectors.baseAddress, Int32(vectors.count), -1, host, file.canWait ? 1 : 0)
        }
      }
    }
  }

  private func bound(_ vectors: UnsafeBufferPointer<iovec>, to limit: Int) -> [iovec] {
    var left = limit
    return vectors.map { vector in
      let count = min(left, vector.iov_len)
      left -= count
      return iovec(iov_base: vector.iov_base, iov_len: count)
    }
  }

  /// All of the filtered form goes out, or the guest would have to know about it.
  private func writeFiltered(
    _ file: OpenFile, _ descriptor: Int32, _ flags: FDFlags, _ vectors: UnsafeBufferPointer<iovec>
  ) throws -> Int {
    var output: [UInt8] = []
    var total = 0
    for vector in vectors where total < 1 << 18 {
      let count = min(vector.iov_len, 1 << 18 - total)
      file.terminal!.filter(
        UnsafeRawBufferPointer(start: vector.iov_base, count: count), into: &output)
      total += count
    }
    try output.withUnsafeMutableBytes { bytes in
      var done = 0
      while done < bytes.count {
        // In bounds: done < count.
        var vector = iovec(iov_base: bytes.baseAddress! + done, iov_len: bytes.count - done)
        done += try retrying { wpgo_write(descriptor, &vector, 1, -1, 0, 1) }
      }
    }
    return total
  }

  /// Throws `again` if a host descriptor is not ready and the guest does not want to wait for it.
  func check(_ descriptor: Int32, _ events: Int, nonblocking: Bool) throws {
    guard nonblocking else { return }
    var entry = wpgo_poll(fd: descriptor, events: Int16(events), revents: 0)
    try retrying { wpgo_poll(&entry, 1, 0) }
    if entry.revents == 0 { throw WASIErrno.again }
  }

  private func hostFlags(_ flags: FDFlags) -> UInt32 {
    var host = 0
    if flags.contains(.append) { host |= WPGO_APPEND }
    if flags.contains(.dsync) { host |= WPGO_DSYNC }
    if flags.contains(.sync) { host |= WPGO_SYNC }
    return UInt32(host)
  }
}
