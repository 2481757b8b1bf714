import CWASI

/// Calls on paths. Each resolves beneath the descriptor's directory by ``PathResolver`` before anything is done.
extension WASI {
  /// A directory that is to be used with `rights`.
  private func directory(_ number: UInt32, _ rights: WASIRights) throws(WASIErrno)
    -> (entry: Descriptor, descriptor: Int32)
  {
    let entry = try descriptors[number]
    try entry.require(rights)
    guard entry.file.type == .directory, let descriptor = entry.file.hostDescriptor else {
      throw .notdir
    }
    return (entry, descriptor)
  }

  /// One whose entries are to change.
  private func writableDirectory(_ number: UInt32, _ rights: WASIRights) throws(WASIErrno) -> Int32
  {
    let (entry, descriptor) = try directory(number, rights)
    if entry.file.isReadOnly { throw .rofs }
    return descriptor
  }

  /// witx `$lookupflags`: whether to follow a link at the last component.
  private func follows(_ flags: UInt32) throws(WASIErrno) -> Bool {
    guard flags < 2 else { throw .inval }
    return flags == 1
  }

  /// (fd, path)
  func pathCreateDirectory(_ call: GuestCall) throws {
    try changeEntry(call, .pathCreateDirectory, refusal: .exist) { wpgo_make_directory($0, $1) }
  }

  /// (fd, path)
  func pathRemoveDirectory(_ call: GuestCall) throws {
    try changeEntry(call, .pathRemoveDirectory, refusal: .inval) { wpgo_remove_directory($0, $1) }
  }

  /// (fd, path)
  func pathUnlinkFile(_ call: GuestCall) throws {
    try changeEntry(call, .pathUnlinkFile, refusal: .isdir) { wpgo_unlink($0, $1) }
  }

  /// Makes or removes what a path names.
  /// - Parameter refusal: see ``PathResolver/parent(of:in:refusal:)``.
  private func changeEntry(
    _ call: GuestCall, _ right: WASIRights, refusal: WASIErrno,
    _ operation: (_ directory: Int32, _ name: UnsafePointer<UInt8>) -> Int
  ) throws {
    let path = try call.path(1)
    let directory = try writableDirectory(call.u32(0), right)
    let parent = try resolver.parent(of: path, in: directory, refusal: refusal)
    try host(operation(parent.directory, parent.name))
  }

  /// (fd, old path, new fd, new path)
  func pathRename(_ call: GuestCall) throws {
    let oldPath = try call.path(1)
    let newPath = try call.path(4)
    let old = try writableDirectory(call.u32(0), .pathRenameSource)
    let new = try writableDirectory(call.u32(3), .pathRenameTarget)
    let source = try resolver.parent(of: oldPath, in: old, refusal: .busy)
    let target = try resolver.parent(of: newPath, in: new, refusal: .busy)
    try host(wpgo_rename(source.directory, source.name, target.directory, target.name))
  }

  /// (contents, fd, path). A link to an absolute path is refused: no guest could follow it, but a careless host program might.
  func pathSymlink(_ call: GuestCall) throws {
    let contents = try call.path(0)
    let path = try call.path(3)
    let directory = try writableDirectory(call.u32(2), .pathSymlink)
    if contents[0] == slash { throw WASIErrno.perm }
    let parent = try resolver.parent(of: path, in: directory, refusal: .exist)
    try host(wpgo_symlink(contents, parent.directory, parent.name))
  }

  /// (fd, flags, path, new fd, new path)
  func pathLink(_ call: GuestCall) throws {
    let oldPath = try call.path(2)
    let newPath = try call.path(5)
    let (oldEntry, old) = try directory(call.u32(0), .pathLinkSource)
    let new = try writableDirectory(call.u32(4), .pathLinkTarget)
    let follows = try follows(call.u32(1))
    // A second name in a writable directory would make the file writable: as between mounts.
    if oldEntry.file.isReadOnly { throw WASIErrno.xdev }
    let source = try sourceParent(oldPath, old, follows, refusal: .perm)
    let target = try resolver.parent(of: newPath, in: new, refusal: .exist)
    try host(wpgo_link(source.directory, source.name, target.directory, target.name))
  }

  /// For calls where the kernel would follow a link with a slash behind it: then only a directory will do, and it is checked here.
  private func sourceParent(
    _ path: [UInt8], _ directory: Int32, _ follows: Bool, refusal: WASIErrno
  ) throws(WASIErrno) -> PathResolver.Parent {
    let endsInSlash = path.count > 1 && path[path.count - 2] == slash
    if follows || endsInSlash {
      return try resolver.followedParent(of: path, in: directory, refusal: refusal)
    }
    return try resolver.parent(of: path, in: directory, refusal: refusal)
  }

  /// (fd, path, buffer, length, result)
  func pathReadlink(_ call: GuestCall) throws {
    let path = try call.path(1)
    let buffer = try call.memory.bytes(call.u32(3), call.u32(4))
    let result = try call.slot(5, UInt32.self)
    let directory = try directory(call.u32(0), .pathReadlink).descriptor
    // With a slash behind it is a directory, if anything, and so no link.
    let parent = try sourceParent(path, directory, false, refusal: .inval)
    var contents = [UInt8](repeating: 0, count: GuestMemory.maximumPathLength)
    let count = try host(
      wpgo_read_link(parent.directory, parent.name, &contents, contents.count))
    let copied = min(count, buffer.count)
    buffer.copyBytes(from: contents[..<copied])
    result.store(UInt32(copied))
  }

  /// (fd, flags, path, result: `$filestat`)
  func pathFilestatGet(_ call: GuestCall) throws {
    let path = try call.path(2)
    let result = try call.memory.bytes(call.u32(4), Filestat.size(call.version))
    let directory = try directory(call.u32(0), .pathFilestatGet).descriptor
    let flags = try follows(call.u32(1)) ? WPGO_PATH : WPGO_PATH | WPGO_NOFOLLOW
    let file = try resolver.open(path, in: directory, flags)
    let status = try stat(file.number)
    Filestat.store(status, status.fileType, in: result, call.version)
  }

  /// (fd, flags, path, accessed, modified, flags)
  func pathFilestatSetTimes(_ call: GuestCall) throws {
    let path = try call.path(2)
    let (entry, directory) = try directory(call.u32(0), .pathFilestatSetTimes)
    let follows = try follows(call.u32(1))
    let times = try Filestat.times(call.u64(4), call.u64(5), call.u32(6))
    if entry.file.isReadOnly { throw WASIErrno.rofs }
    let flags = follows ? WPGO_PATH : WPGO_PATH | WPGO_NOFOLLOW
    let file = try resolver.open(path, in: directory, flags)
    // A descriptor that only names a file cannot be told times, but a directory can by its `.`.
    if try stat(file.number).fileType == .directory {
      try host(wpgo_set_times_at(file.number, ".", times.accessed, times.modified))
      return
    }
    let parent = try sourceParent(path, directory, follows, refusal: .inval)
    try host(
      wpgo_set_times_at(parent.directory, parent.name, times.accessed, times.modified))
  }
}
