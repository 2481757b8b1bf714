import CWASI
import Glibc
import Runtime
import Testing
import Wasm

@testable import WASI

/// A guest that does what a test says: its functions pass their arguments on to those that it imports.
final class Guest {
  let wasi: WASI
  let version: WASIVersion
  let memory: UnsafeMutableRawBufferPointer
  let store: Store
  private let instance: Instance
  /// Where the next scratch allocation goes.
  private var top: UInt32 = 4096

  init(
    _ configuration: WASIConfiguration = WASIConfiguration(), on engine: Engine = .baseline
  ) throws {
    wasi = try WASI(configuration)
    version = engine.version
    store = try Store()
    let linker = Linker(store)
    try wasi.define(in: linker)
    instance = try linker.instantiate(
      try engine.passThrough(), beforeStart: { [wasi] in try wasi.bind($0) })
    // The memory never moves nor grows, and the store keeps it.
    memory = try #require(instance.exportedMemory("memory")).withUnsafeMutableBytes { $0 }
  }

  var size: UInt32 { UInt32(memory.count) }

  var isOld: Bool { version == .unstable }

  /// witx `$whence`: the old interface counts otherwise.
  var whence: (set: Argument, current: Argument, end: Argument) {
    isOld ? (2, 0, 1) : (0, 1, 2)
  }

  /// Offsets in witx `$filestat`: link count (32 bits in the old interface), size, and the three times behind it.
  var filestat: (links: UInt32, size: UInt32, count: UInt32) { isOld ? (20, 24, 56) : (24, 32, 64) }

  /// Calls by name; the number of arguments must be that of the function's type.
  func callAsFunction(_ name: String, _ arguments: Argument...) throws -> WASIErrno {
    try self(name, arguments)
  }

  func callAsFunction(_ name: String, _ arguments: [Argument]) throws -> WASIErrno {
    let function = try #require(instance.exportedFunction(name), "\(name)")
    let slots = arguments.flatMap { $0.slots(self) }
    top = 4096
    try #require(slots.count == function.type.parameters.count, "\(name) takes \(function.type)")
    let values = zip(function.type.parameters, slots).map { type, slot in
      type == .i64 ? Value.i64(Int64(bitPattern: slot)) : .i32(Int32(truncatingIfNeeded: slot))
    }
    guard case .i32(let code)? = try function.call(values).first else { return .success }
    return try #require(WASIErrno(rawValue: UInt16(code)))
  }

  /// Copies `bytes` to a place of their own, good for the next call only.
  fileprivate func place(_ bytes: [UInt8]) -> UInt32 {
    let address = top
    write(bytes, at: address)
    top += UInt32(bytes.count + 15) & ~7
    return address
  }

  func write(_ bytes: some Collection<UInt8>, at address: UInt32) {
    UnsafeMutableRawBufferPointer(rebasing: memory[Int(address)...]).copyBytes(from: bytes)
  }

  func bytes(_ address: UInt32, _ count: Int) -> [UInt8] {
    Array(memory[Int(address)..<Int(address) + count])
  }

  func text(_ address: UInt32, _ count: Int) -> String {
    String(decoding: bytes(address, count), as: UTF8.self)
  }

  func load<T: FixedWidthInteger>(_ address: UInt32, _ type: T.Type) -> T {
    UnsafeMutableRawBufferPointer(memory).load(Int(address), type)
  }

  func store<T: FixedWidthInteger>(_ value: T, _ address: UInt32) {
    memory.store(value, at: Int(address))
  }
}

/// What tests pass: numbers, or text that becomes the two arguments address and length.
enum Argument: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case number(UInt64)
  case bytes([UInt8])

  init(integerLiteral value: UInt64) { self = .number(value) }
  init(stringLiteral value: String) { self = .bytes(Array(value.utf8)) }

  func slots(_ guest: Guest) -> [UInt64] {
    switch self {
    case .number(let number): [number]
    case .bytes(let bytes): [UInt64(guest.place(bytes)), UInt64(bytes.count)]
    }
  }
}

func n(_ value: UInt32) -> Argument { .number(UInt64(value)) }
func n(_ value: Int) -> Argument { .number(UInt64(bitPattern: Int64(value))) }
func n(_ value: WASIRights) -> Argument { .number(value.rawValue) }
func s(_ text: String) -> Argument { .bytes(Array(text.utf8)) }

extension Guest {
  /// Result address of most calls in the tests.
  static let out: UInt32 = 64
  /// The first preopened directory.
  static let root: UInt32 = 3

  /// Puts one vector for `count` bytes at `address` where ``vectors`` points.
  func vector(_ address: UInt32 = 1024, _ count: Int) {
    store(address, Self.vectors)
    store(UInt32(count), Self.vectors + 4)
  }
  static let vectors: UInt32 = 128

  func open(
    _ path: String, in directory: UInt32 = Guest.root, follow: Bool = true,
    _ oflags: OpenFlags = [], rights: WASIRights = [.fdRead, .fdSeek, .fdFilestatGet],
    inheriting: WASIRights = [], flags: FDFlags = []
  ) throws -> (errno: WASIErrno, descriptor: UInt32) {
    let errno = try self(
      "path_open", n(directory), follow ? 1 : 0, s(path), n(UInt32(oflags.rawValue)), n(rights),
      n(inheriting), n(UInt32(flags.rawValue)), n(Self.out))
    return (errno, errno == .success ? load(Self.out, UInt32.self) : .max)
  }

  /// Opens what must open.
  func opened(
    _ path: String, in directory: UInt32 = Guest.root, _ oflags: OpenFlags = [],
    rights: WASIRights = .file, inheriting: WASIRights = .all, flags: FDFlags = []
  ) throws -> UInt32 {
    let (errno, descriptor) = try open(
      path, in: directory, oflags, rights: rights, inheriting: inheriting, flags: flags)
    try #require(errno == .success, "open \(path)")
    return descriptor
  }

  func read(_ descriptor: UInt32, _ count: Int = 1000) throws -> String {
    vector(1024, count)
    let errno = try self("fd_read", n(descriptor), n(Self.vectors), 1, n(Self.out))
    try #require(errno == .success)
    return text(1024, Int(load(Self.out, UInt32.self)))
  }

  func write(_ descriptor: UInt32, _ text: String) throws -> WASIErrno {
    write(Array(text.utf8), at: 1024)
    vector(1024, text.utf8.count)
    return try self("fd_write", n(descriptor), n(Self.vectors), 1, n(Self.out))
  }
}

/// A directory of the host's, removed at the end.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/wasi-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw WASIConfigurationError("mkdtemp failed") }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
      }
      closedir(stream)
    }
    rmdir(path)
  }

  func directory(_ name: String) { #expect(mkdir(path + "/" + name, 0o755) == 0, "\(name)") }
  func link(_ name: String, to target: String) {
    #expect(symlink(target, path + "/" + name) == 0, "\(name)")
  }
  func file(_ name: String, _ contents: String = "") {
    let fd = creat(path + "/" + name, 0o644)
    #expect(fd >= 0, "\(name)")
    _ = contents.withCString { Glibc.write(fd, $0, strlen($0)) }
    close(fd)
  }
  func contents(_ name: String) -> String? {
    let fd = Glibc.open(path + "/" + name, O_RDONLY)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(fd, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
  func exists(_ name: String) -> Bool {
    var status = stat()
    return lstat(path + "/" + name, &status) == 0
  }
}

/// A guest with one directory, and both ways of resolving paths.
struct Sandbox {
  let folder: Folder
  let guest: Guest

  init(
    _ resolution: WASIConfiguration.PathResolution = .automatic, isReadOnly: Bool = false,
    on engine: Engine = .baseline,
    _ fill: (Folder) throws -> Void = { _ in }
  ) throws {
    folder = try Folder()
    try fill(folder)
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path, as: "/data", isReadOnly: isReadOnly)
    configuration.pathResolution = resolution
    guest = try Guest(configuration, on: engine)
  }
}

/// Those that this machine has; says so when it lacks openat2.
let resolutions: [WASIConfiguration.PathResolution] =
  PathResolver.kernelHasOpenat2 ? [.openat2, .componentwise] : [.componentwise]
