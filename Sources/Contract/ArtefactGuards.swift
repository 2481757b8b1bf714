import X64

/// The compare of a guard with a deopt in the machine code: `cmp r/m, imm`, and the conditional jump after it if the compare
/// alone is too short to be patched with a jump.
///
/// A run can force it to fail whatever its operands are. The surrounding code accepts either outcome, since LLVM never knew the
/// number that it compares with. A guard may have several compares.
public struct GuardTest: ArtefactRow, Hashable {
  /// Offset of the compare from the start of `.text`.
  public var codeOffset: UInt32
  /// Size of the one or two instructions.
  public var length: UInt32
  /// Index into ``DeoptTable/guards``.
  public var guardNumber: UInt32

  /// Creates a test of `length` bytes.
  public init(codeOffset: UInt32, length: UInt32, guardNumber: UInt32) {
    self.codeOffset = codeOffset
    self.length = length
    self.guardNumber = guardNumber
  }

  public static var wordCount: Int { 3 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(codeOffset: words[0], length: words[1], guardNumber: words[2])
  }
  public func append(to words: inout [UInt32]) { words += [codeOffset, length, guardNumber] }
}

/// Section `.wpgo.guards`. Only runs that force guards read it.
public enum GuardTests {
  /// The contents of section `.wpgo.guards`.
  public static func encode(_ tests: [GuardTest]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.table(tests.sorted { $0.codeOffset < $1.codeOffset })
    return writer.bytes
  }

  /// - Parameter text: the machine code.
  /// - Returns: the tests, ascending by code offset and without overlap.
  public static func decode(
    _ contents: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, guardCount: Int
  ) throws(ArtefactError) -> ArtefactTable<GuardTest> {
    var reader = ArtefactReader(contents, section: ArtefactSection.guards.rawValue)
    let tests = try reader.table(of: GuardTest.self)
    try reader.expectEnd()
    var next = 0
    for test in tests {
      let start = Int(test.codeOffset)
      let end = start + Int(test.length)
      guard start >= next, end <= text.count, let code = GuardCode(text[start..<end]),
        text.indices.contains(end + Int(code.jump?.distance ?? 0))
      else { throw reader.error("guard test is not a compare of the code") }
      next = end
      guard Int(test.guardNumber) < guardCount else {
        throw reader.error("guard test of no guard")
      }
    }
    return tests
  }
}
