import CWASI

/// Opens paths beneath a directory, and nothing else: whatever symbolic links, `..` and concurrent renames do, no step leaves it.
/// An attempt to is `perm`. Paths are NUL-terminated and hold no other NUL.
///
/// Calls on names (unlink, rename …) resolve the parent here and then act on the last component alone
/// (``parent(of:in:)``); the kernel follows no link there.
struct PathResolver: Sendable {
  /// Whether the kernel does it (openat2 with RESOLVE_BENEATH), or ``open(walking:in:_:)``.
  let usesOpenat2: Bool

  static let kernelHasOpenat2 = wpgo_has_openat2() != 0

  init(_ choice: WASIConfiguration.PathResolution) throws(WASIConfigurationError) {
    switch choice {
    case .automatic: usesOpenat2 = Self.kernelHasOpenat2
    case .componentwise: usesOpenat2 = false
    case .openat2:
      guard Self.kernelHasOpenat2 else {
        throw WASIConfigurationError("openat2 is not available to this process")
      }
      usesOpenat2 = true
    }
  }

  /// A last component and the directory it is in.
  struct Parent: ~Copyable {
    /// Nil: the directory that resolution began at.
    let opened: HostDescriptor?
    let start: Int32
    /// NUL-terminated; `/` behind it if the path had one.
    var name: [UInt8]
    /// Where it is, from the start: the path without `name`, not NUL-terminated.
    let prefix: ArraySlice<UInt8>

    var directory: Int32 {
      switch opened {
      case .some(let opened): opened.number
      case .none: start
      }
    }

    var hasTrailingSlash: Bool { name.count > 1 && name[name.count - 2] == slash }
  }

  /// How often a link is followed in one path, as in Linux.
  static let maximumLinks = 40

  /// Opens `path` beneath `directory` with the given WPGO flags (WPGO_NOFOLLOW for the last component).
  /// - Throws: `perm` for an attempt to leave; `intr` if a signal broke it off.
  func open(_ path: [UInt8], in directory: Int32, _ flags: Int) throws(WASIErrno) -> HostDescriptor
  {
    guard path[0] != 0 else { throw .noent }
    guard path[0] != slash else { throw .perm }
    guard usesOpenat2 else { return try open(walking: path, in: directory, flags) }
    // EAGAIN: a rename anywhere raced with `..`. After many the walk decides, which no rename disturbs.
    for _ in 0..<64 {
      let result = wpgo_open_beneath(directory, path, UInt32(flags))
      if result >= 0 { return HostDescriptor(Int32(result)) }
      switch -result {
      case 11: continue  // EAGAIN
      case 18: throw .perm  // EXDEV: would leave
      case 20 where try isRefusedLink(path, in: directory, flags): throw .loop  // ENOTDIR
      default: throw WASIErrno(host: Int32(-result))
      }
    }
    return try open(walking: path, in: directory, flags)
  }

  /// Whether opening a directory failed because its last component is a link that may not be followed. Linux says `notdir`
  /// then, other systems and the walk say `loop`.
  private func isRefusedLink(_ path: [UInt8], in directory: Int32, _ flags: Int) throws(WASIErrno)
    -> Bool
  {
    guard flags & WPGO_NOFOLLOW != 0, flags & WPGO_DIRECTORY != 0 else { return false }
    let opened = wpgo_open_beneath(directory, path, UInt32(WPGO_PATH | WPGO_NOFOLLOW))
    guard opened >= 0 else { return false }
    let link = HostDescriptor(Int32(opened))
    return try stat(link.number).fileType == .symbolicLink
  }

  /// Resolves all but the last component.
  /// - Parameter refusal: what to say of `.` and `..` as last component, when they are there.
  func parent(of path: [UInt8], in directory: Int32, refusal: WASIErrno) throws(WASIErrno) -> Parent
  {
    guard path[0] != 0 else { throw .noent }
    guard path[0] != slash else { throw .perm }
    var end = path.count - 1
    while path[end - 1] == slash { end -= 1 }  // ends: the first byte is none
    let start = (path[..<end].lastIndex(of: slash) ?? -1) + 1
    if path[start..<end].elementsEqual([dot]) || path[start..<end].elementsEqual([dot, dot]) {
      _ = try open(path, in: directory, WPGO_PATH)
      throw refusal
    }
    let name = path[start..<end] + (end < path.count - 1 ? [slash, 0] : [0])
    if start == 0 { return Parent(opened: nil, start: directory, name: Array(name), prefix: []) }
    let prefix = path[..<start]
    let opened = try open(prefix + [0], in: directory, WPGO_PATH | WPGO_DIRECTORY)
    return Parent(opened: opened, start: directory, name: Array(name), prefix: prefix)
  }

  /// Like ``parent(of:in:refusal:)``, but follows links at the last component until it is none. A trailing slash is dropped
  /// once it is known that a directory is there.
  func followedParent(of path: [UInt8], in directory: Int32, refusal: WASIErrno) throws(WASIErrno)
    -> Parent
  {
    var path = path
    for _ in 0...Self.maximumLinks {
      var parent = try parent(of: path, in: directory, refusal: refusal)
      if parent.hasTrailingSlash {
        _ = try open(path, in: directory, WPGO_PATH | WPGO_DIRECTORY)
        parent.name = parent.name.dropLast(2) + [0]
      }
      guard let target = try readLink(parent.directory, parent.name) else { return parent }
      guard target.first != slash else { throw .perm }
      path = parent.prefix + target + [0]
      guard path.count <= GuestMemory.maximumPathLength else { throw .nametoolong }
    }
    throw .loop
  }

  /// The contents of the link `name`, not NUL-terminated; nil if it is none, or nothing.
  func readLink(_ directory: Int32, _ name: [UInt8]) throws(WASIErrno) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: GuestMemory.maximumPathLength)
    let count = wpgo_read_link(directory, name, &buffer, buffer.count)
    if count == -22 || count == -2 { return nil }  // EINVAL, ENOENT
    try host(count)
    guard count < buffer.count else { throw .nametoolong }
    guard count > 0 else { throw .noent }
    return Array(buffer[..<count])
  }
}

let slash = UInt8(ascii: "/")
let dot = UInt8(ascii: ".")
