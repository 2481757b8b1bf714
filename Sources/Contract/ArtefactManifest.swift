import Wasm
import X64

/// What an artefact was compiled from, by which compiler, and for which CPU.
public struct ArtefactManifest: Sendable, Equatable {
  /// The version of everything in this module that generated code relies on: the calling convention, the context's layout,
  /// runtime calls, frame states. Raised whenever one of them changes.
  public static let currentContract: UInt32 = 10

  /// The compiler's ``currentContract``.
  public var contract: UInt32 = Self.currentContract
  /// Name and version of the compiler.
  public var compiler: String
  /// Hash of the module's bytes.
  public var moduleHash: UInt64
  /// Hash of the profile; 0 without one.
  public var profileHash: UInt64
  /// LLVM's name of the CPU.
  public var cpu: String
  /// Instruction set extensions that the code may use; ``CPUFeature`` raw values, ascending.
  public var features: [String]
  /// What relaxed SIMD means in all code of the artefact, and in baseline code that is compiled for it later.
  public var relaxed: RelaxedSemantics
  /// The options that affected the code, for `inspect`.
  public var options: String
  /// Bytes of machine code (the ELF section `.text`).
  public var textSize: UInt64
  /// Number of functions compiled with full optimization.
  public var hotFunctionCount: UInt32
  /// Number of rows of ``DeoptTable/guards``.
  public var guardCount: UInt32

  /// Creates the manifest of an artefact of this compiler.
  public init(
    compiler: String, moduleHash: UInt64, profileHash: UInt64, cpu: String, features: [String],
    relaxed: RelaxedSemantics = .deterministic, options: String, textSize: UInt64,
    hotFunctionCount: UInt32, guardCount: UInt32
  ) {
    self.compiler = compiler
    self.moduleHash = moduleHash
    self.profileHash = profileHash
    self.cpu = cpu
    self.features = features
    self.relaxed = relaxed
    self.options = options
    self.textSize = textSize
    self.hotFunctionCount = hotFunctionCount
    self.guardCount = guardCount
  }

  /// The known ones of ``features``.
  public var cpuFeatures: [CPUFeature] { features.compactMap { CPUFeature(rawValue: $0) } }

  /// The contents of section `.wpgo.manifest`.
  public func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(contract)
    writer.string(compiler)
    writer.integer(moduleHash)
    writer.integer(profileHash)
    writer.string(cpu)
    writer.integer(UInt32(features.count))
    for feature in features { writer.string(feature) }
    writer.integer(relaxed.rawValue)
    writer.string(options)
    writer.integer(textSize)
    writer.integer(hotFunctionCount)
    writer.integer(guardCount)
    return writer.bytes
  }

  /// Decodes ``encode()``.
  /// - Throws: `ArtefactError`, of kind `.incompatible` for another ``contract``.
  public init(decoding contents: UnsafeRawBufferPointer) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.manifest.rawValue)
    contract = try reader.integer()
    guard contract == Self.currentContract else {
      throw ArtefactError(
        .incompatible,
        "made for contract version \(contract), this runtime has \(Self.currentContract)",
        section: reader.section)
    }
    compiler = try Self.text(&reader)
    moduleHash = try reader.integer()
    profileHash = try reader.integer()
    cpu = try Self.text(&reader)
    features = []
    let featureCount = try reader.count(minimumSize: 4)
    guard featureCount <= Self.maximumFeatureCount else { throw reader.error("too many features") }
    for _ in 0..<featureCount { features.append(try Self.text(&reader)) }
    relaxed = RelaxedSemantics(rawValue: try reader.integer())
    let possible = RelaxedSemantics(
      shortestFor: features.compactMap { CPUFeature(rawValue: $0) })
    guard relaxed.isKnown, possible.isSuperset(of: relaxed.intersection(.needingFeatures)) else {
      throw reader.error("unknown meaning of relaxed SIMD")
    }
    options = try Self.text(&reader)
    textSize = try reader.integer()
    hotFunctionCount = try reader.integer()
    guardCount = try reader.integer()
    try reader.expectEnd()
  }

  private static let maximumFeatureCount = 256
  /// In bytes.
  private static let maximumTextLength = 4096

  /// Reads a text that can be printed in messages as it is.
  private static func text(_ reader: inout ArtefactReader) throws(ArtefactError) -> String {
    let text = try reader.string()
    guard text.utf8.count <= maximumTextLength,
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    else { throw reader.error("text is too long, or has control characters") }
    return text
  }
}
