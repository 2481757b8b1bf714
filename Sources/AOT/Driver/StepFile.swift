import Contract
import Feedback
import Files
import Speculation
import Wasm

/// The files between the steps of a compilation (``Compilation``).
///
///     magic │ compiler, hashes of the module and the profile │ plan │ checksum
///     magic │ hash of what it was compiled from │ number │ outputs │ functions left to the baseline │ checksum
enum StepFile {
  private static let planMagic: UInt64 = 0x316E_616C_706F_6770  // "pgoplan1"
  private static let partitionMagic: UInt64 = 0x3274_7261_706F_6770  // "pgopart2"

  static func encode(
    _ plan: CompilationPlan, of module: Module, for profile: ModuleProfile
  ) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(planMagic)
    writer.string(PartitionKey.compiler)
    writer.integer(module.hash)
    writer.integer(profile.hash)
    plan.encode(to: &writer)
    return Checksum.seal(writer)
  }

  /// - Throws: unless this compiler made the plan, for this module and this profile.
  static func decodePlan(
    _ bytes: [UInt8], of module: Module, for profile: ModuleProfile
  ) throws(CompileError) -> CompilationPlan {
    let plan = Checksum.open(bytes) {
      (reader: inout ArtefactReader) throws(ArtefactError) -> CompilationPlan? in
      guard try reader.integer(UInt64.self) == planMagic,
        try reader.string() == PartitionKey.compiler,
        try reader.integer(UInt64.self) == module.hash,
        try reader.integer(UInt64.self) == profile.hash
      else { return nil }
      return try CompilationPlan(decoding: &reader)
    }
    guard let plan, PlanChecker.problems(in: plan, of: module).isEmpty else {
      throw .input("not the plan of this compiler for this module and this profile")
    }
    return plan
  }

  static func encode(_ result: PieceCompiler.Result, number: Int, identity: UInt64) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(partitionMagic)
    writer.integer(identity)
    writer.integer(UInt32(number))
    writer.integer(UInt32(result.outputs.count))
    for output in result.outputs { writer.raw(output.encode()) }
    writer.integer(UInt32(result.failures.count))
    for (function, reason) in result.failures.sorted(by: { $0.key < $1.key }) {
      writer.integer(UInt32(function))
      reason.encode(to: &writer)
    }
    return Checksum.seal(writer)
  }

  /// - Throws: unless the file is of this partition, compiled from what `identity` is the hash of.
  static func decode(
    _ bytes: [UInt8], number: Int, identity: UInt64
  ) throws(CompileError) -> PieceCompiler.Result {
    let result = Checksum.open(bytes) {
      (reader: inout ArtefactReader) throws(ArtefactError) -> PieceCompiler.Result? in
      guard try reader.integer(UInt64.self) == partitionMagic,
        try reader.integer(UInt64.self) == identity,
        try reader.integer(UInt32.self) == UInt32(number)
      else { return nil }
      var result = PieceCompiler.Result()
      for _ in 0..<(try reader.count(minimumSize: 20)) {
        result.outputs.append(try PartitionOutput(decoding: &reader))
      }
      for _ in 0..<(try reader.count(minimumSize: 12)) {
        let function = Int(try reader.integer(UInt32.self))
        result.failures[function] = try BaselineReason(decoding: &reader)
      }
      return result
    }
    guard let result else { throw .input("not the file of partition \(number) of this plan") }
    return result
  }
}

extension CompilationPlan {
  /// Decodes the plan that a step wrote.
  /// - Throws: unless this compiler made it, for this module and this profile.
  public init(
    file: [UInt8], of module: Module, for profile: ModuleProfile
  ) throws(CompileError) {
    self = try StepFile.decodePlan(file, of: module, for: profile)
  }
}

/// Bytes with a checksum at their end.
enum Checksum {
  static func seal(_ contents: ArtefactWriter) -> [UInt8] {
    var writer = contents
    writer.integer(StableHash.of(writer.bytes))
    return writer.bytes
  }

  /// - Returns: nil if the bytes are damaged, or if `decode` does not read all of them.
  static func open<Value>(
    _ bytes: [UInt8], _ decode: (inout ArtefactReader) throws(ArtefactError) -> Value?
  ) -> Value? {
    guard bytes.count > 8, StableHash.of(bytes[..<(bytes.count - 8)]) == number(bytes.suffix(8))
    else { return nil }
    return bytes.withUnsafeBytes { bytes in
      var reader = ArtefactReader(UnsafeRawBufferPointer(rebasing: bytes.dropLast(8)))
      do throws(ArtefactError) {
        let value = try decode(&reader)
        try reader.expectEnd()
        return value
      } catch {
        return nil
      }
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
