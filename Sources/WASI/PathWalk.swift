import CWASI

/// Resolution where the kernel refuses openat2: one component at a time, none of them ever followed by the kernel.
/// `..` goes back to the directory that was opened before, never to what is now its parent on disk; so a directory that is moved
/// during the walk leads nowhere it did not lead before.
extension PathResolver {
  func open(walking path: [UInt8], in directory: Int32, _ flags: Int) throws(WASIErrno)
    -> HostDescriptor
  {
    var walk = Walk(start: directory, path: path.dropLast())
    while let name = walk.next() {
      if name.elementsEqual([dot]) { continue }
      if name.elementsEqual([dot, dot]) {
        guard walk.goBack() else { throw .perm }
        continue
      }
      if walk.isAtEnd {
        if let opened = try openLast(Array(name) + [0], &walk, flags) { return opened }
      } else {
        try enter(Array(name) + [0], &walk)
      }
    }
    // The path ended in `.`, `..` or a link to such: a directory that is open already.
    if flags & WPGO_CREATE != 0 {
      throw flags & WPGO_EXCLUSIVE != 0 ? .exist : .isdir
    }
    return try openHere([dot, 0], walk, flags)
  }

  /// Goes into the directory `name`, or puts the contents of the link `name` in front of the rest.
  private func enter(_ name: [UInt8], _ walk: inout Walk) throws(WASIErrno) {
    let opened = wpgo_open_at(
      walk.current, name, UInt32(WPGO_PATH | WPGO_DIRECTORY | WPGO_NOFOLLOW))
    if opened >= 0 { return walk.go(into: Int32(opened)) }
    guard -opened == 20 || -opened == 40 else { throw WASIErrno(host: Int32(-opened)) }
    guard let target = try readLink(walk.current, name) else { throw .notdir }
    try walk.follow(target)
  }

  /// Opens the last component; nil if it was a link to follow.
  private func openLast(_ name: [UInt8], _ walk: inout Walk, _ flags: Int) throws(WASIErrno)
    -> HostDescriptor?
  {
    let creates = flags & WPGO_CREATE != 0
    // `open("name/", O_CREAT)`: Linux says this whatever is there.
    if walk.mustBeDirectory && creates { throw .isdir }
    let follows = flags & WPGO_NOFOLLOW == 0 || walk.mustBeDirectory
    if follows && !(creates && flags & WPGO_EXCLUSIVE != 0),
      let target = try readLink(walk.current, name)
    {
      try walk.follow(target)
      return nil
    }
    return try openHere(name, walk, flags)
  }

  /// Opens `name`, which is followed by nothing. If it became a link meanwhile, it is refused: `loop`.
  private func openHere(_ name: [UInt8], _ walk: borrowing Walk, _ flags: Int) throws(WASIErrno)
    -> HostDescriptor
  {
    let isSelf = name.elementsEqual([dot, 0])
    let directory = walk.mustBeDirectory || isSelf ? WPGO_DIRECTORY : 0
    let opened = wpgo_open_at(walk.current, name, UInt32(flags | directory | WPGO_NOFOLLOW))
    if opened == -20 && flags & WPGO_DIRECTORY != 0, try readLink(walk.current, name) != nil {
      throw .loop
    }
    let result = HostDescriptor(Int32(try host(opened)))
    // O_PATH opens links themselves. One that was to be followed appeared after readLink looked.
    if flags & WPGO_PATH != 0 && flags & WPGO_NOFOLLOW == 0,
      try stat(result.number).fileType == .symbolicLink
    {
      throw .loop
    }
    return result
  }
}

/// Where a walk is: the directories it came through, and the components it has still to go.
private struct Walk: ~Copyable {
  private let start: Int32
  private var opened: [Int32] = []
  /// The path still to go, last component first.
  private var rest: [ArraySlice<UInt8>] = []
  private(set) var mustBeDirectory = false
  private var links = 0

  init(start: Int32, path: ArraySlice<UInt8>) {
    self.start = start
    push(path)
  }

  deinit { for descriptor in opened { _ = wpgo_close(descriptor) } }

  var current: Int32 { opened.last ?? start }
  var isAtEnd: Bool { rest.isEmpty }

  mutating func next() -> ArraySlice<UInt8>? { rest.popLast() }

  mutating func go(into descriptor: Int32) { opened.append(descriptor) }

  /// False at the start.
  mutating func goBack() -> Bool {
    guard let last = opened.popLast() else { return false }
    _ = wpgo_close(last)
    return true
  }

  mutating func follow(_ target: [UInt8]) throws(WASIErrno) {
    guard target.first != slash else { throw .perm }
    links += 1
    guard links <= PathResolver.maximumLinks else { throw .loop }
    push(target[...])
  }

  /// Puts the components of `path` in front. A slash at the very end asks for a directory.
  private mutating func push(_ path: ArraySlice<UInt8>) {
    if rest.isEmpty && path.last == slash { mustBeDirectory = true }
    rest += path.split(separator: slash).reversed()
  }
}
