import CWASI

/// What a guest descriptor leads to.
final class OpenFile {
  enum Backing {
    /// A host descriptor, closed with the file if `isOwned`.
    case host(Int32, isOwned: Bool)
    /// Input from bytes; the offset of the next.
    case bytes([UInt8], next: Int)
    case buffer(WASIBuffer)
    case discard
  }

  var backing: Backing
  let type: WASIFileType
  /// A terminal gets no control sequences through this; nil for all else.
  var terminal: TerminalFilter?
  /// A pipe, terminal or device: calls can wait, and writing can raise SIGPIPE.
  let canWait: Bool
  let isPipe: Bool
  /// Nothing may be changed through this file, nor beneath it.
  let isReadOnly: Bool
  /// The guest's name of a preopened directory.
  let preopenName: [UInt8]?
  /// Directories: the host's position of each entry, by cookie.
  var positions: [Int64] = [0]
  /// Rights that mean something for this kind of file.
  let applicable: WASIRights

  /// A standard stream that is in memory.
  init(memory backing: Backing, rights: WASIRights) {
    self.backing = backing
    type = .unknown
    canWait = false
    isPipe = false
    isReadOnly = false
    preopenName = nil
    applicable = rights
  }

  /// Takes over `descriptor` if `isOwned`, even when it throws.
  init(
    descriptor: Int32, isOwned: Bool, isReadOnly: Bool, preopenName: [UInt8]? = nil,
    passEscapes: Bool
  ) throws(WASIErrno) {
    backing = .host(descriptor, isOwned: isOwned)
    self.isReadOnly = isReadOnly
    self.preopenName = preopenName
    let status: wpgo_stat
    do { status = try stat(descriptor) } catch {
      if isOwned { _ = wpgo_close(descriptor) }
      throw error
    }
    let isTerminal = status.fileType == .characterDevice && wpgo_is_terminal(descriptor) != 0
    terminal = isTerminal && !passEscapes ? TerminalFilter() : nil
    isPipe = Int(status.kind) == WPGO_KIND_FIFO
    canWait = status.fileType != .regularFile && status.fileType != .directory
    switch status.fileType {
    case .directory:
      type = .directory
      applicable = .directory
    case .socketStream:
      type = wpgo_socket_type(descriptor) == 2 ? .socketDgram : .socketStream
      applicable = .socket
    case let other:
      type = other
      applicable = isTerminal || other == .unknown ? .stream : .file
    }
  }

  deinit {
    if case .host(let descriptor, isOwned: true) = backing { _ = wpgo_close(descriptor) }
  }

  var hostDescriptor: Int32? {
    if case .host(let descriptor, _) = backing { descriptor } else { nil }
  }

  var isSocket: Bool { type == .socketStream || type == .socketDgram }
}

/// An entry of the guest's descriptor table.
struct Descriptor {
  let file: OpenFile
  var rights: WASIRights
  var inheriting: WASIRights
  /// As the guest set them. They are applied to each operation and, nonblock of owned files excepted, not to the
  /// host's descriptor, which others may share.
  var flags: FDFlags

  init(_ file: OpenFile, rights: WASIRights = .all, inheriting: WASIRights, flags: FDFlags = []) {
    self.file = file
    self.rights = rights.intersection(file.applicable)
    self.inheriting = file.type == .directory || file.isSocket ? inheriting : []
    self.flags = flags
  }

  /// Throws unless all of `needed` may be done: `badf` (as wasmtime has it) if this kind of file cannot,
  /// `notcapable` if the right is missing.
  func require(_ needed: WASIRights) throws(WASIErrno) {
    if rights.isSuperset(of: needed) { return }
    if file.applicable.isSuperset(of: needed) { throw .notcapable }
    let isPathCall = WASIRights.directory.subtracting(.file).isSuperset(of: needed)
    throw isPathCall && file.type == .regularFile ? .notdir : .badf
  }
}

/// The guest's descriptors, by number.
struct DescriptorTable {
  private var entries: [Descriptor?] = []
  let limit: Int

  init(limit: Int) { self.limit = limit }

  subscript(number: UInt32) -> Descriptor {
    get throws(WASIErrno) {
      guard Int(number) < entries.count, let entry = entries[Int(number)] else { throw .badf }
      return entry
    }
  }

  /// Whether there is room for one more.
  func checkRoom() throws(WASIErrno) {
    if entries.count >= limit && !entries.contains(where: { $0 == nil }) { throw .mfile }
  }

  /// For what the guest starts with, whatever the limit.
  mutating func append(_ entry: Descriptor) { entries.append(entry) }

  /// Puts `entry` at the lowest free number.
  mutating func insert(_ entry: Descriptor) throws(WASIErrno) -> UInt32 {
    if let free = entries.firstIndex(where: { $0 == nil }) {
      entries[free] = entry
      return UInt32(free)
    }
    guard entries.count < limit else { throw .mfile }
    entries.append(entry)
    return UInt32(entries.count - 1)
  }

  /// Replaces an entry that is there.
  mutating func update(_ number: UInt32, _ entry: Descriptor) { entries[Int(number)] = entry }

  mutating func remove(_ number: UInt32) throws(WASIErrno) {
    _ = try self[number]
    entries[Int(number)] = nil
  }

  /// witx `fd_renumber`: what was at `to` is closed.
  mutating func renumber(_ from: UInt32, to: UInt32) throws(WASIErrno) {
    let entry = try self[from]
    _ = try self[to]
    if from == to { return }
    entries[Int(to)] = entry
    entries[Int(from)] = nil
  }
}
