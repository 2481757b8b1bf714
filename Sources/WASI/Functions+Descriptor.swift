import CWASI

/// Calls on descriptors other than reading and writing.
extension WASI {
  /// The entry and its host descriptor. Memory streams have none; `badf` as for any kind of file that cannot.
  private func hostFile(_ number: UInt32, _ rights: WASIRights) throws(WASIErrno)
    -> (entry: Descriptor, descriptor: Int32)
  {
    let entry = try descriptors[number]
    try entry.require(rights)
    guard let descriptor = entry.file.hostDescriptor else { throw .badf }
    return (entry, descriptor)
  }

  /// Seeking says `spipe` of what has no offset, as POSIX does, whatever the rights.
  private func seekable(_ number: UInt32, _ rights: WASIRights) throws(WASIErrno) -> Int32 {
    let entry = try descriptors[number]
    let file = entry.file
    guard file.type == .directory || file.applicable.contains(.fdSeek) else { throw .spipe }
    // fd_seek implies fd_tell.
    if !(rights == .fdTell && entry.rights.contains(.fdSeek)) { try entry.require(rights) }
    guard let descriptor = file.hostDescriptor else { throw .spipe }
    return descriptor
  }

  /// (fd, offset, length, advice)
  func fdAdvise(_ call: GuestCall) throws {
    let descriptor = try hostFile(call.u32(0), .fdAdvise).descriptor
    guard call.u32(3) <= 5, let offset = Int64(exactly: call.u64(1)),
      let length = Int64(exactly: call.u64(2))
    else { throw WASIErrno.inval }
    try host(wpgo_advise(descriptor, offset, length, Int32(call.u32(3))))
  }

  /// (fd, offset, length)
  func fdAllocate(_ call: GuestCall) throws {
    let (entry, descriptor) = try hostFile(call.u32(0), .fdAllocate)
    if entry.file.isReadOnly { throw WASIErrno.rofs }
    guard let offset = Int64(exactly: call.u64(1)), let length = Int64(exactly: call.u64(2)) else {
      throw WASIErrno.inval
    }
    try retrying { wpgo_allocate(descriptor, offset, length) }
  }

  func fdSync(_ call: GuestCall) throws {
    let descriptor = try hostFile(call.u32(0), .fdSync).descriptor
    try retrying { wpgo_sync(descriptor) }
  }

  func fdDatasync(_ call: GuestCall) throws {
    let descriptor = try hostFile(call.u32(0), .fdDatasync).descriptor
    try retrying { wpgo_datasync(descriptor) }
  }

  /// (fd, result: `$fdstat`, 24 bytes)
  func fdFdstatGet(_ call: GuestCall) throws {
    let result = try call.memory.bytes(call.u32(1), 24)
    let entry = try descriptors[call.u32(0)]
    result.zero()
    result.store(entry.file.type.rawValue, at: 0)
    result.store(entry.flags.rawValue, at: 2)
    result.store(entry.rights.rawValue, at: 8)
    result.store(entry.inheriting.rawValue, at: 16)
  }

  /// (fd, flags)
  func fdFdstatSetFlags(_ call: GuestCall) throws {
    var entry = try descriptors[call.u32(0)]
    try entry.require(.fdFdstatSetFlags)
    guard let flags = FDFlags(checking: call.u32(1)) else { throw WASIErrno.inval }
    // A host descriptor of our own can be told; one that is shared keeps its mode, and each call polls first.
    if case .host(let descriptor, isOwned: true) = entry.file.backing {
      try host(wpgo_set_nonblocking(descriptor, flags.contains(.nonblock) ? 1 : 0))
    }
    entry.flags = flags
    descriptors.update(call.u32(0), entry)
  }

  /// (fd, rights, inheriting): can only take away.
  func fdFdstatSetRights(_ call: GuestCall) throws {
    var entry = try descriptors[call.u32(0)]
    let rights = WASIRights(rawValue: call.u64(1))
    let inheriting = WASIRights(rawValue: call.u64(2))
    guard entry.rights.isSuperset(of: rights), entry.inheriting.isSuperset(of: inheriting) else {
      throw WASIErrno.notcapable
    }
    entry.rights = rights
    entry.inheriting = inheriting
    descriptors.update(call.u32(0), entry)
  }

  /// (fd, result: `$filestat`)
  func fdFilestatGet(_ call: GuestCall) throws {
    let result = try call.memory.bytes(call.u32(1), Filestat.size(call.version))
    let entry = try descriptors[call.u32(0)]
    try entry.require(.fdFilestatGet)
    var status = wpgo_stat()
    if let descriptor = entry.file.hostDescriptor { status = try stat(descriptor) }
    Filestat.store(status, entry.file.type, in: result, call.version)
  }

  /// (fd, size)
  func fdFilestatSetSize(_ call: GuestCall) throws {
    let (entry, descriptor) = try hostFile(call.u32(0), .fdFilestatSetSize)
    if entry.file.isReadOnly { throw WASIErrno.rofs }
    guard let size = Int64(exactly: call.u64(1)) else { throw WASIErrno.inval }
    try retrying { wpgo_truncate(descriptor, size) }
  }

  /// (fd, accessed, modified, flags)
  func fdFilestatSetTimes(_ call: GuestCall) throws {
    let (entry, descriptor) = try hostFile(call.u32(0), .fdFilestatSetTimes)
    let times = try Filestat.times(call.u64(1), call.u64(2), call.u32(3))
    if entry.file.isReadOnly { throw WASIErrno.rofs }
    try host(wpgo_set_times(descriptor, times.accessed, times.modified))
  }

  /// (fd, result: `$prestat`, 8 bytes)
  func fdPrestatGet(_ call: GuestCall) throws {
    let result = try call.memory.bytes(call.u32(1), 8)
    guard let name = try descriptors[call.u32(0)].file.preopenName else { throw WASIErrno.badf }
    result.zero()  // tag 0: a directory
    result.store(UInt32(name.count), at: 4)
  }

  /// (fd, buffer, length)
  func fdPrestatDirName(_ call: GuestCall) throws {
    let buffer = try call.memory.bytes(call.u32(1), call.u32(2))
    guard let name = try descriptors[call.u32(0)].file.preopenName else { throw WASIErrno.badf }
    guard buffer.count >= name.count else { throw WASIErrno.nametoolong }
    buffer.copyBytes(from: name)
  }

  /// (fd, offset, whence, result)
  func fdSeek(_ call: GuestCall) throws {
    let result = try call.slot(3, UInt64.self)
    let offset = Int64(bitPattern: call.u64(1))
    // Linux's numbers by the witx's: set, cur, end; the old interface has cur, end, set.
    let order: [Int32] = call.version == .preview1 ? [0, 1, 2] : [1, 2, 0]
    guard call.u32(2) < 3 else { throw WASIErrno.inval }
    let whence = order[Int(call.u32(2))]
    let onlyTells = whence == 1 && offset == 0
    let descriptor = try seekable(call.u32(0), onlyTells ? .fdTell : .fdSeek)
    result.store(UInt64(try host(wpgo_seek(descriptor, offset, whence))))
  }

  /// (fd, result)
  func fdTell(_ call: GuestCall) throws {
    let result = try call.slot(1, UInt64.self)
    let descriptor = try seekable(call.u32(0), .fdTell)
    result.store(UInt64(try host(wpgo_seek(descriptor, 0, 1))))
  }
}

extension FDFlags {
  /// Nil if a bit is set that the witx does not define.
  init?(checking value: UInt32) {
    guard value <= UInt32(Self.all.rawValue) else { return nil }
    self.init(rawValue: UInt16(value))
  }
}

/// witx `$filestat` and `$fstflags`.
enum Filestat {
  static func size(_ version: WASIVersion) -> Int { version == .preview1 ? 64 : 56 }

  static func store(
    _ status: wpgo_stat, _ type: WASIFileType, in result: UnsafeMutableRawBufferPointer,
    _ version: WASIVersion
  ) {
    result.zero()
    result.store(status.device, at: 0)
    result.store(status.inode, at: 8)
    result.store(type.rawValue, at: 16)
    // The old interface has 32 bits of link count, and all behind it closer.
    if version == .preview1 {
      result.store(status.links, at: 24)
    } else {
      result.store(UInt32(clamping: status.links), at: 20)
    }
    let rest = version == .preview1 ? 32 : 24
    result.store(status.size, at: rest)
    result.store(status.accessed, at: rest + 8)
    result.store(status.modified, at: rest + 16)
    result.store(status.changed, at: rest + 24)
  }

  static func times(_ accessed: UInt64, _ modified: UInt64, _ flags: UInt32) throws(WASIErrno)
    -> (accessed: wpgo_time, modified: wpgo_time)
  {
    guard flags < 16, flags & 3 != 3, flags & 12 != 12 else { throw .inval }
    return (time(accessed, flags & 3), time(modified, flags >> 2))
  }

  private static func time(_ value: UInt64, _ flags: UInt32) -> wpgo_time {
    let kind = flags == 1 ? WPGO_TIME_VALUE : flags == 2 ? WPGO_TIME_NOW : WPGO_TIME_OMIT
    return wpgo_time(kind: kind, nanoseconds: value)
  }
}
