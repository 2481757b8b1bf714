import Wasm

/// The last bytes of `.text`: hashes of data that machine code relies on and that cannot be checked against the code. An
/// artefact whose module, tables of code or guard tests do not match its code is rejected. Forging them takes write access to the
/// machine code, which is trusted like that of any executable (SECURITY.md).
///
///     u64 magic   u64 hash of the module   u64 hash of .wpgo.code   u64 hash of .wpgo.baseline   u64 hash of .wpgo.guards
///     u64 hash of .wpgo.handlers
public struct CodeSeal: Sendable, Equatable {
  /// Hash of the module's bytes.
  public var module: UInt64
  /// Hash of `.wpgo.code`: where functions and loops start, their stack usage, and the dispatch tables.
  public var code: UInt64
  /// Hash of `.wpgo.baseline`: where baseline code starts and resumes, and its frames.
  public var baseline: UInt64
  /// Hash of `.wpgo.guards`: the instructions that a run may patch.
  public var guards: UInt64
  /// Hash of `.wpgo.handlers`: the frames that an exception leaves, and where it is caught.
  public var handlers: UInt64

  /// Size of the seal.
  public static let size = 48
  private static let magic: UInt64 = 0x3345_444F_434F_4750  // "PGOCODE3"

  /// - Parameters: the sections' contents, without headers.
  public init(
    module: [UInt8], code: [UInt8], baseline: [UInt8], guards: [UInt8], handlers: [UInt8]
  ) {
    self.module = StableHash.of(module)
    self.code = StableHash.of(code)
    self.baseline = StableHash.of(baseline)
    self.guards = StableHash.of(guards)
    self.handlers = StableHash.of(handlers)
  }

  /// The seal's bytes.
  public func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    for word in [Self.magic, module, code, baseline, guards, handlers] { writer.integer(word) }
    return writer.bytes
  }

  /// - Parameter text: all machine code.
  public init(endOf text: UnsafeRawBufferPointer) throws(ArtefactError) {
    var reader = ArtefactReader(
      UnsafeRawBufferPointer(rebasing: text.suffix(Self.size)), section: ".text")
    guard try reader.integer(UInt64.self) == Self.magic else {
      throw reader.error("machine code does not say what it was made of")
    }
    module = try reader.integer()
    code = try reader.integer()
    baseline = try reader.integer()
    guards = try reader.integer()
    handlers = try reader.integer()
  }
}
