import Bytes

/// Reads the binary format's primitives (spec 5.2) from a range of a module's bytes.
typealias ModuleReader = ByteReader<ModuleFormat>

struct ModuleFormat: ByteFormat {
  typealias Storage = [UInt8]

  /// What types may need.
  var typeFeatures: FeatureSet
  /// Types that others may refer to.
  var typeCount: Int

  /// In the words of the specification's test suite.
  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> WasmError {
    switch problem {
    case .unexpectedEnd: .malformed("unexpected end of section or function", at: end)
    case .lengthOutOfBounds, .countOutOfBounds: .malformed("length out of bounds", at: position)
    case .integerTooLong: .malformed("integer representation too long", at: position)
    case .integerTooLarge: .malformed("integer too large", at: position)
    case .invalidUTF8: .malformed("malformed UTF-8 encoding", at: position)
    case .nonzeroPadding, .trailingBytes: .malformed("section size mismatch", at: position)
    }
  }
}

extension ModuleReader {
  init(_ module: Module, _ range: Range<Int>) {
    let format = ModuleFormat(typeFeatures: module.typeFeatures, typeCount: module.types.count)
    self.init(module.bytes, range, format: format)
  }

  @inline(__always)
  mutating func u32() throws(WasmError) -> UInt32 {
    UInt32(truncatingIfNeeded: try unsigned(bits: 32))
  }

  /// A u32 as an index or a count.
  @inline(__always)
  mutating func index() throws(WasmError) -> Int { Int(try u32()) }

  @inline(__always)
  mutating func u64() throws(WasmError) -> UInt64 { try unsigned(bits: 64) }

  /// The length of a vector.
  mutating func count(limit: Int, of what: String) throws(WasmError) -> Int {
    let start = position
    let count = try index()
    guard count <= limit else {
      throw .limit("\(count) \(what), the limit is \(limit)", at: start)
    }
    return count
  }

  mutating func name() throws(WasmError) -> String { try text(try index()) }
}
