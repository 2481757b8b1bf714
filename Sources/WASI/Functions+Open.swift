import CWASI
import Files
import Runtime

/// witx `path_open`.
extension WASI {
  /// (fd, lookup flags, path, open flags, rights, inheriting, descriptor flags, result)
  func pathOpen(_ call: GuestCall) throws {
    let path = try call.path(2)
    let result = try call.slot(8, UInt32.self)
    let entry = try descriptors[call.u32(0)]
    let request = try OpenRequest(call)
    try request.check(entry)
    guard entry.file.type == .directory, let directory = entry.file.hostDescriptor else {
      throw WASIErrno.notdir
    }
    try descriptors.checkRoom()
    var flags = request.hostFlags
    if entry.file.isReadOnly {
      try checkReadOnly(path, directory, request)
      // Whatever happened to the file since it was looked at, nothing is made or cut.
      flags &= ~(WPGO_CREATE | WPGO_EXCLUSIVE | WPGO_TRUNCATE)
    }
    let opened = try openForGuest(path, directory, flags)
    let file = try OpenFile(
      descriptor: opened.release(), isOwned: true, isReadOnly: entry.file.isReadOnly,
      passEscapes: configuration.passTerminalEscapes)
    let descriptor = Descriptor(
      file, rights: request.rights, inheriting: request.inheriting, flags: request.flags)
    result.store(try descriptors.insert(descriptor))
  }

  /// Opens, but for writing no file that this process executes; nor does that cut it.
  private func openForGuest(
    _ path: [UInt8], _ directory: Int32, _ flags: Int
  ) throws -> HostDescriptor {
    let truncates = flags & WPGO_TRUNCATE != 0
    guard flags & WPGO_WRITE != 0 || truncates else { return try open(path, directory, flags) }
    // Cut afterwards, which needs a descriptor that may write.
    let flags = truncates ? flags & ~WPGO_TRUNCATE | WPGO_WRITE : flags
    let opened = try open(path, directory, flags)
    // Nil for what is no regular file, and cannot be cut.
    guard let identity = FileIdentity(descriptor: opened.number) else { return opened }
    guard !MappedFiles.contains(identity) else { throw WASIErrno.txtbsy }
    if truncates { try host(Int(wpgo_truncate(opened.number, 0))) }
    return opened
  }

  private func open(_ path: [UInt8], _ directory: Int32, _ flags: Int) throws -> HostDescriptor {
    while true {
      do {
        return try resolver.open(path, in: directory, flags)
      } catch .intr {
        try checkInterrupt()
      }
    }
  }

  /// Says what opening says on a file system mounted read-only.
  private func checkReadOnly(_ path: [UInt8], _ directory: Int32, _ request: OpenRequest) throws {
    guard request.wouldChange else { return }
    let nofollow = request.hostFlags & (WPGO_NOFOLLOW | WPGO_DIRECTORY)
    do {
      let existing = try resolver.open(path, in: directory, WPGO_PATH | nofollow)
      if request.open.isSuperset(of: [.create, .exclusive]) { throw WASIErrno.exist }
      switch try stat(existing.number).fileType {
      case .directory: throw WASIErrno.isdir
      case .symbolicLink: throw WASIErrno.loop
      default: if request.writes || request.open.contains(.truncate) { throw WASIErrno.rofs }
      }
    } catch WASIErrno.noent where request.open.contains(.create) {
      throw WASIErrno.rofs
    }
  }
}

/// What a guest asks of `path_open`.
private struct OpenRequest {
  let follows: Bool
  let open: OpenFlags
  let rights: WASIRights
  let inheriting: WASIRights
  let flags: FDFlags

  init(_ call: GuestCall) throws(WASIErrno) {
    guard call.u32(1) < 2, call.u32(4) <= UInt32(OpenFlags.all.rawValue),
      let flags = FDFlags(checking: call.u32(7))
    else { throw .inval }
    follows = call.u32(1) == 1
    open = OpenFlags(rawValue: UInt16(call.u32(4)))
    // Bits that no version defines stand for nothing that could be refused.
    rights = WASIRights(rawValue: call.u64(5)).intersection(.all)
    inheriting = WASIRights(rawValue: call.u64(6)).intersection(.all)
    self.flags = flags
    // Linux before 6.4 makes a file of it, later ones refuse.
    if open.isSuperset(of: [.create, .directory]) { throw .inval }
  }

  /// Rights as the witx documents them: what the directory must allow itself, and what it must be able to pass on.
  func check(_ directory: Descriptor) throws(WASIErrno) {
    var needed: WASIRights = .pathOpen
    if open.contains(.create) { needed.insert(.pathCreateFile) }
    if open.contains(.truncate) { needed.insert(.pathFilestatSetSize) }
    try directory.require(needed)
    var passed = rights.union(inheriting)
    if flags.contains(.dsync) { passed.insert(.fdDatasync) }
    if !flags.isDisjoint(with: [.rsync, .sync]) { passed.insert(.fdSync) }
    guard directory.inheriting.isSuperset(of: passed) else { throw .notcapable }
  }

  /// Rights that need a host descriptor open for writing.
  var writes: Bool { !rights.isDisjoint(with: [.fdWrite, .fdAllocate, .fdFilestatSetSize]) }

  var reads: Bool { !rights.isDisjoint(with: [.fdRead, .fdReaddir]) }

  var wouldChange: Bool { writes || !open.isDisjoint(with: [.create, .truncate]) }

  var hostFlags: Int {
    var host = 0
    if reads || !writes { host |= WPGO_READ }
    if writes { host |= WPGO_WRITE }
    if open.contains(.create) { host |= WPGO_CREATE }
    if open.contains(.exclusive) { host |= WPGO_EXCLUSIVE }
    if open.contains(.truncate) { host |= WPGO_TRUNCATE }
    if open.contains(.directory) { host |= WPGO_DIRECTORY }
    if !follows { host |= WPGO_NOFOLLOW }
    if flags.contains(.nonblock) { host |= WPGO_NONBLOCK }
    return host
  }
}
