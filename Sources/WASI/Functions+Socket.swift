import CWASI

/// Sockets that the host handed down; the interface cannot open any.
extension WASI {
  private func socket(_ number: UInt32, _ right: WASIRights) throws(WASIErrno)
    -> (entry: Descriptor, descriptor: Int32)
  {
    let entry = try descriptors[number]
    guard entry.file.isSocket, let descriptor = entry.file.hostDescriptor else { throw .notsock }
    try entry.require(right)
    return (entry, descriptor)
  }

  /// (fd, flags, result)
  func sockAccept(_ call: GuestCall) throws {
    let result = try call.slot(2, UInt32.self)
    let (entry, descriptor) = try socket(call.u32(0), .sockAccept)
    guard let flags = FDFlags(checking: call.u32(1)), flags.isSubset(of: .nonblock) else {
      throw WASIErrno.inval
    }
    try descriptors.checkRoom()
    try check(descriptor, WPGO_POLLIN, nonblocking: entry.flags.contains(.nonblock))
    let accepted = try retrying { wpgo_accept(descriptor, flags.contains(.nonblock) ? 1 : 0) }
    let file = try OpenFile(
      descriptor: Int32(accepted), isOwned: true, isReadOnly: false, passEscapes: true)
    let new = Descriptor(
      file, rights: entry.inheriting, inheriting: entry.inheriting, flags: flags)
    result.store(try descriptors.insert(new))
  }

  /// (fd, iovs, count, flags, size result, flags result)
  func sockRecv(_ call: GuestCall) throws {
    let vectors = try vectors(call)
    let size = try call.slot(4, UInt32.self)
    let flagsOut = try call.slot(5, UInt16.self)
    let (entry, descriptor) = try socket(call.u32(0), .fdRead)
    let flags = call.u32(3)
    guard flags < 4 else { throw WASIErrno.inval }
    let nonblocking = entry.flags.contains(.nonblock)
    try check(descriptor, WPGO_POLLIN, nonblocking: nonblocking)
    var truncated: Int32 = 0
    let count = try retrying {
      wpgo_receive(
        descriptor, vectors, Int32(vectors.count), Int32(flags & 1), Int32(flags >> 1),
        nonblocking ? 1 : 0, &truncated)
    }
    size.store(UInt32(count))
    flagsOut.store(truncated != 0 ? 1 : 0)
  }

  /// (fd, iovs, count, flags, result)
  func sockSend(_ call: GuestCall) throws {
    let vectors = try vectors(call)
    let result = try call.slot(4, UInt32.self)
    let (entry, descriptor) = try socket(call.u32(0), .fdWrite)
    // The witx defines no flags yet.
    guard call.u32(3) == 0 else { throw WASIErrno.inval }
    let nonblocking = entry.flags.contains(.nonblock)
    let count = try retrying {
      wpgo_send(descriptor, vectors, Int32(vectors.count), nonblocking ? 1 : 0)
    }
    result.store(UInt32(count))
  }

  /// (fd, how)
  func sockShutdown(_ call: GuestCall) throws {
    let descriptor = try socket(call.u32(0), .sockShutdown).descriptor
    let how = call.u32(1)
    guard (1...3).contains(how) else { throw WASIErrno.inval }
    try host(wpgo_shutdown(descriptor, Int32(how & 1), Int32(how >> 1)))
  }
}
