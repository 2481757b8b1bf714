import Wasm

/// The last bytes of `.text`: hashes of what machine code takes for granted and no check could find out from the code. An artefact
/// whose module, code table or guard tests are not those of its code is refused; to give them other contents, machine
/// code has to be written, which is trusted as any executable's is (SECURITY.md).
///
///     u64 magic   u64 hash of the module   u64 hash of .wpgo.code   u64 hash of .wpgo.guards
public struct CodeSeal: Sendable, Equatable {
  /// Hash of the module's bytes.
  public var module: UInt64
  /// Where functions and loops start, which stack they use, and which dispatch tables they have.
  public var code: UInt64
  /// Where instructions are that a run may replace.
  public var guards: UInt64

  /// Bytes of the seal.
  public static let size = 32
  private static let magic: UInt64 = 0x3145_444F_434F_4750  // "PGOCODE1"

  /// - Parameters: contents, without headers.
  public init(module: [UInt8], code: [UInt8], guards: [UInt8]) {
    self.module = StableHash.of(module)
    self.code = StableHash.of(code)
    self.guards = StableHash.of(guards)
  }

  /// The seal's bytes.
  public func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    for word in [Self.magic, module, code, guards] { writer.integer(word) }
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
    guards = try reader.integer()
  }
}
