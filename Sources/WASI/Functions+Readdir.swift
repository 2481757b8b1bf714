import CWASI

/// Listing directories.
extension WASI {
  /// (fd, buffer, length, cookie, result)
  ///
  /// Cookie n is the n-th entry. The host's position of each entry seen is kept (8 bytes an entry), so going on at a cookie
  /// is exact even when entries came and went since.
  func fdReaddir(_ call: GuestCall) throws {
    let buffer = try call.memory.bytes(call.u32(1), call.u32(2))
    let result = try call.slot(4, UInt32.self)
    let entry = try descriptors[call.u32(0)]
    try entry.require(.fdReaddir)
    guard let descriptor = entry.file.hostDescriptor else { throw WASIErrno.badf }
    guard let cookie = Int(exactly: call.u64(3)) else { throw WASIErrno.inval }
    let own = try stat(descriptor).inode
    var used = 0
    var listing = try DirectoryListing(
      descriptor, entry.file, from: cookie, bufferSize: min(max(buffer.count, 2048), 1 << 16),
      everySoOften: checkInterrupt)
    while used < buffer.count, let found = try listing.next() {
      // The parent's inode is no business of the guest's.
      let inode = found.name.elementsEqual([dot, dot]) ? own : found.inode
      used += copy(
        entry: found, inode, try type(of: found, in: descriptor),
        to: UnsafeMutableRawBufferPointer(rebasing: buffer[used...]))
    }
    result.store(UInt32(used))
  }

  /// A `$dirent` (24 bytes) and the name behind it, cut where the buffer ends.
  private func copy(
    entry: DirectoryListing.Entry, _ inode: UInt64, _ type: WASIFileType,
    to buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { header in
      header.zero()
      header.store(UInt64(entry.nextCookie), at: 0)
      header.store(inode, at: 8)
      header.store(UInt32(entry.name.count), at: 16)
      header.store(type.rawValue, at: 20)
      let headerCount = min(24, buffer.count)
      buffer.copyBytes(from: header.prefix(headerCount))
      let nameCount = min(entry.name.count, buffer.count - headerCount)
      UnsafeMutableRawBufferPointer(rebasing: buffer[headerCount...])
        .copyBytes(from: entry.name.prefix(nameCount))
      return headerCount + nameCount
    }
  }

  private func type(of entry: DirectoryListing.Entry, in descriptor: Int32) throws -> WASIFileType {
    switch entry.hostType {
    case 2: return .characterDevice
    case 4: return .directory
    case 6: return .blockDevice
    case 8: return .regularFile
    case 10: return .symbolicLink
    case 12: return .socketStream
    case 0:
      // The file system does not say. An entry that is gone meanwhile is unknown.
      var status = wpgo_stat()
      let found = wpgo_stat_at(descriptor, entry.name + [0], &status) == 0
      return found ? status.fileType : .unknown
    default: return .unknown
    }
  }
}

/// The host's directory entries from a cookie on.
private struct DirectoryListing {
  struct Entry {
    let nextCookie: Int
    let inode: UInt64
    let hostType: UInt8
    let name: [UInt8]
  }

  private let descriptor: Int32
  private let file: OpenFile
  private var cookie: Int
  private var buffer: [UInt8]
  private var filled = 0
  private var offset = 0
  private let check: () throws -> Void

  /// - Parameter check: called before each call of the host; what it throws ends the listing.
  init(
    _ descriptor: Int32, _ file: OpenFile, from cookie: Int, bufferSize: Int,
    everySoOften check: @escaping () throws -> Void
  ) throws {
    self.check = check
    self.descriptor = descriptor
    self.file = file
    buffer = [UInt8](repeating: 0, count: bufferSize)
    self.cookie = min(cookie, file.positions.count - 1)
    try host(wpgo_seek(descriptor, file.positions[self.cookie], 0))
    // A cookie that was never given out: count up to it.
    while self.cookie < cookie, try next() != nil {}
  }

  mutating func next() throws -> Entry? {
    if offset == filled {
      try check()
      filled = try host(wpgo_directory_entries(descriptor, &buffer, buffer.count))
      offset = 0
      if filled == 0 { return nil }
    }
    // linux_dirent64: inode, position behind it, record length, type, NUL-terminated name. Written by the kernel.
    let entry = buffer.withUnsafeMutableBytes { bytes in
      let record = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<filled])
      let name = record[19...].prefix { $0 != 0 }
      let position = record.load(8, Int64.self)
      offset += Int(record.load(16, UInt16.self))
      cookie += 1
      if cookie < file.positions.count {
        file.positions[cookie] = position
      } else {
        file.positions.append(position)
      }
      return Entry(
        nextCookie: cookie, inode: record.load(0, UInt64.self), hostType: record[18],
        name: Array(name))
    }
    return entry
  }
}
