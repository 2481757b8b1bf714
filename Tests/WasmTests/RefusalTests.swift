import Testing
import Wasm

/// What is refused, with its kind and the place it is refused at.
struct RefusalTests {
  /// The feature, a module that needs it, and the offset at which that shows.
  static let unsupported: [(Feature, [UInt8], Int)] = [
    (.threads, Binary.module((.memory, [1, 3, 1, 1])), 11),
    (.threads, Binary.module((.memory, [1, 0x0B, 1, 1, 0])), 11),
    (.threads, Binary.module((.import, [1, 0, 0, 2, 3, 1, 1])), 14),
    (.gc, Binary.module((.type, [1, 0x5F, 0])), 11), (.gc, Binary.module((.type, [1, 0x5E])), 11),
    (.gc, Binary.module((.type, [1, 0x50, 0, 0x5F, 0])), 13),
    (.gc, Binary.module((.type, [1, 0x4E, 2, 0x60, 0, 0, 0x4F, 0, 0x5E, 0x7F, 0])), 18),
    (.gc, Binary.module((.table, [1, 0x6E, 0, 0])), 11),
    (.gc, inBody([0xD0, 0x6E]), 1),
    (.gc, inBody([0xFB, 0]), 0),
    (.gc, inBody([0xD3]), 0), (.gc, inBody([0xFB, 0x18, 0, 0, 0x6E, 0x6E]), 0),
    (.sharedEverythingThreads, inBody([0xFE, 0x04]), 0),
    (.sharedEverythingThreads, inBody([0xFE, 0x4F, 0, 0]), 0),
    (.sharedEverythingThreads, inBody([0xFB, 0x1F]), 0),
    (.customDescriptors, inBody([0xFB, 0x20, 0]), 0),
    (.gc, inBody([0x02, 0x6E, 0x0B]), 1),
    (.componentModel, [0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0], 4),
    (.memoryControl, inBody([0xFC, 0x12, 0]), 0), (.halfPrecision, inBody([0xFC, 0x30, 1, 0]), 0),
    (.halfPrecision, inBody([0xFD, 0xA0, 2]), 0), (.stringref, inBody([0xFB, 0x80, 1]), 0),
    (.stackSwitching, Binary.module((.type, [1, 0x5D, 0])), 11),
    (.stackSwitching, inBody([0xE0, 0]), 0), (.stackSwitching, inBody([0xE6, 0]), 0),
    (.stackSwitching, inBody([0xD0, 0x68]), 1), (.stackSwitching, inBody([0xD0, 0x75]), 1),
    (.customDescriptors, Binary.module((.type, [1, 0x4D, 0])), 11),
    (.customDescriptors, Binary.module((.import, [1, 0, 0, 0x20, 0])), 13),
    (.sharedEverythingThreads, Binary.module((.type, [1, 0x65, 0x60, 0, 0])), 11),
    (.sharedEverythingThreads, inBody([0xD0, 0x65, 0x70]), 1),
    (.compactImportSection, Binary.module((.import, [1, 1, 0x61, 0, 0x7F, 0])), 14),
  ]

  /// Found again by its body's place.
  static func inBody(_ instructions: [UInt8]) -> [UInt8] { Binary.function(instructions) }

  @Test(arguments: unsupported)
  func feature(_ feature: Feature, _ bytes: [UInt8], _ offset: Int) throws {
    let error = try #require(refusal(of: bytes))
    #expect(error.kind == .unsupported(feature), "\(error)")
    #expect(error.message.contains(feature.rawValue))
    // Bodies of `inBody` start behind 34 bytes.
    let base = bytes.count > 30 && bytes[8] == 1 && bytes[18] == 4 ? 34 : 0
    #expect(error.offset == base + offset, "\(error)")
  }

  @Test(
    arguments: [
      ([0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "integer too large", 5),
      ([0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "integer representation too long", 5),
      ([0x20, 0], "unknown local 0", 0), ([0x0C, 1], "unknown label 1", 0),
      ([0x10, 9], "unknown function 9", 0), ([0x6A], "type mismatch", 0),
      ([0x41, 1, 0x42, 1, 0x6A, 0x1A], "type mismatch", 4), ([0x41, 0], "type mismatch", 2),
      ([0xFF], "illegal opcode ff", 0), ([0xFC, 0x40], "illegal opcode fc 40", 0),
      ([0xFB, 0x30], "illegal opcode fb 30", 0), ([0xFE, 0x0F], "illegal opcode fe f", 0),
      ([0x05], "END opcode expected", 0), ([0x41, 0, 0x28, 3, 0, 0x1A], alignment, 2),
      ([0xD2, 0, 0x1A], "undeclared function reference", 0),
      ([0x14, 9], "unknown type 9", 0), ([0xD0, 9, 0x1A], "unknown type 9", 1),
      ([0x41, 0, 0xD4, 0x1A], "type mismatch", 2), ([0xD5, 1], "type mismatch", 0),
      ([0xD0, 0x70, 0xD5, 1, 0x1A], "unknown label 1", 2),
      ([0xD0, 0x70, 0xD6, 0], "type mismatch", 2),
      ([0x00, 0xD4, 0x45, 0x1A], "type mismatch", 2),
      ([0x00, 0xD4, 0x41, 0, 0x1B, 0x1A], "type mismatch", 4),
      ([0xFC, 9, 0], "data count section required", 0),
      ([0xFC, 13, 0], "unknown elem segment 0", 0),
      ([0x02, 0x7F, 0x0B, 0x1A], "type mismatch", 2), ([0x02, 5, 0x0B], "unknown type 5", 0),
      ([0x0B, 0x01], "section size mismatch", 1), ([0x0E, 0xFF, 0x7F], endOfSection, 4),
      ([0x41, 0, 0x41, 0, 0x41, 0, 0x1C, 0], "invalid result arity", 6),
      ([0x41, 0, 0xFE, 0x10, 1, 0, 0x1A], "atomic alignment must be natural", 2),
      ([0x41, 0, 0xFE, 0x10, 3, 0, 0x1A], alignment, 2),
      ([0x41, 0, 0xFE, 0x11, 3, 0, 0x45, 0x1A], "type mismatch", 6),
      ([0xFE, 0x03, 1], "zero byte expected", 2),
      ([0x42, 0, 0x42, 0, 0x41, 0, 0x42, 0, 0xFC, 0x13], "type mismatch", 8),
      ([0x42, 0, 0x42, 0, 0xFC, 0x15, 0x1A], "type mismatch", 7),
    ] as [([UInt8], String, Int)])
  func body(_ instructions: [UInt8], _ message: String, _ offset: Int) throws {
    let error = try #require(refusal(of: Binary.function(instructions)))
    #expect(error.message == message)
    #expect(error.offset == bodyStart + offset, "\(error)")
  }

  /// Of `Binary.function` of a short body.
  let bodyStart = 34

  static let alignment = "alignment must not be larger than natural"
  static let endOfSection = "unexpected end of section or function"

  /// Page sizes other than 1 and 65,536, and more of the pages than addresses reach.
  @Test(
    arguments: [
      ([1, 8, 0, 1], .invalid, "invalid custom page size", 11),
      ([1, 8, 0, 15], .invalid, "invalid custom page size", 11),
      ([1, 9, 0, 0, 63], .invalid, "invalid custom page size", 11),
      ([1, 8, 0, 64], .malformed, "invalid custom page size", 13),
      ([1, 8, 0x80, 0x80, 0x80, 0x80, 0x10, 0], .invalid, "memory size must be at most", 11),
      ([1, 8, 0x81, 0x80, 4, 16], .invalid, "memory size must be at most 65536 pages", 11),
      ([1, 8, 0], .malformed, "unexpected end", 13),
    ] as [([UInt8], WasmError.Kind, String, Int)])
  func pageSize(_ memory: [UInt8], _ kind: WasmError.Kind, _ message: String, _ offset: Int) throws
  {
    let error = try #require(refusal(of: Binary.module((.memory, memory))))
    #expect(error.kind == kind && error.offset == offset, "\(error)")
    #expect(error.message.hasPrefix(message), "\(error)")
  }

  @Test(arguments: [
    [1, 8, 0, 0], [1, 9, 0, 5, 0], [1, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0],
    [1, 8, 0x80, 0x80, 4, 16],
  ])
  func validPageSizes(memory: [UInt8]) throws {
    let type = try Module(validating: Binary.module((.memory, memory))).memories[0]
    #expect(type.pageSize == (memory.last == 0 ? 1 : 65_536))
    #expect(type.limits.max == (memory[1] == 9 ? 5 : nil))
  }

  @Test func constants() throws {
    func refusalOf(_ global: [UInt8]) -> WasmError? {
      refusal(of: Binary.module((.global, Binary.vector([global]))))
    }
    let underflow = refusalOf([0x7F, 0, 0x41, 1, 0x6A, 0x0B])
    #expect(underflow == WasmError(.invalid, offset: 15, "type mismatch"))
    let wrongType = refusalOf([0x7F, 0, 0x42, 1, 0x0B])
    #expect(wrongType == WasmError(.invalid, offset: 15, "type mismatch"))
    let itself = refusalOf([0x7F, 0, 0x23, 0, 0x0B])
    #expect(itself == WasmError(.invalid, offset: 13, "unknown global 0"))
    let call = refusalOf([0x7F, 0, 0x10, 0, 0x0B])
    #expect(call == WasmError(.invalid, offset: 13, "constant expression required"))
  }

  // MARK: Limits

  @Test func limits() throws {
    let many = { (count: Int) in Binary.leb(count) }
    let i32s = [UInt8](repeating: 0x7F, count: 1_001)
    expectLimit(Binary.module((.type, [1, 0x60] + Binary.sized(i32s) + [0])))
    expectLimit(Binary.module((.type, [1, 0x60, 0] + Binary.sized(i32s))))
    expectLimit(Binary.function([], locals: [1] + many(50_001) + [0x7F]))
    expectLimit(Binary.function([], parameters: [0x7F], locals: [1] + many(50_000) + [0x7F]))
    #expect(refusal(of: Binary.function([], locals: [1] + many(50_000) + [0x7F])) == nil)
    expectLimit(Binary.module((.type, many(1_000_001))))
    expectLimit(Binary.module((.import, many(1_000_001))))
    expectLimit(Binary.module((.data, many(100_001))))
    expectLimit(Binary.function([UInt8](repeating: 1, count: 7_654_321)))
    #expect(refusal(of: Binary.function([UInt8](repeating: 1, count: 7_654_319))) == nil)
    #expect(refusal(of: nested(50_000)) == nil)
    expectLimit(nested(50_001))
  }

  func nested(_ depth: Int) -> [UInt8] {
    Binary.function(
      (0..<depth).flatMap { _ in [0x02, 0x40] as [UInt8] } + [UInt8](repeating: 0x0B, count: depth))
  }

  func expectLimit(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    for error in [refusal(of: bytes), decodingRefusal(of: bytes)] {
      #expect(error?.kind == .limit, "\(error as Any)", sourceLocation: sourceLocation)
    }
  }

  /// Counts of four thousand millions in a few bytes cost neither time nor memory.
  @Test func hugeCounts() {
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
    for id in UInt8(0)...13 {
      #expect(refusal(of: Binary.module((Binary.Section(rawValue: id)!, huge))) != nil)
    }
    #expect(refusal(of: Binary.function([0x0E] + huge)) != nil)
    #expect(refusal(of: Binary.function([0x1C] + huge)) != nil)
    #expect(refusal(of: Binary.function([], locals: huge)) != nil)
    let element = [1, 1, 0] + huge
    #expect(refusal(of: Binary.module((.element, element))) != nil)
  }
}

func decodingRefusal(of bytes: [UInt8]) -> WasmError? {
  do throws(WasmError) {
    _ = try Module(decoding: bytes)
    return nil
  } catch {
    return error
  }
}
