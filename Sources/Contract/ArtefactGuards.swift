import X64

/// A compare that a guard with a deopt rests on, where it is in the machine code: `cmp r/m, imm`, and the conditional jump
/// behind it where the compare alone is too short for another jump in its place.
///
/// A run can make it fail, whatever its operands are: the code around it takes its outcome as it comes, since LLVM
/// was never told the number that it compares with. Several of them may belong to one guard.
public struct GuardTest: ArtefactRow, Hashable {
  /// Of the compare, from the start of `.text`.
  public var codeOffset: UInt32
  /// Bytes of the one or two instructions.
  public var length: UInt32
  /// Index into ``DeoptTable/guards``.
  public var guardNumber: UInt32

  /// A test of `length` bytes.
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

/// Section `.wpgo.guards`. Read only by a run that forces guards.
public enum GuardTests {
  /// The contents of section `.wpgo.guards`.
  public static func encode(_ tests: [GuardTest]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.table(tests.sorted { $0.codeOffset < $1.codeOffset })
    return writer.bytes
  }

  /// - Parameter text: the machine code.
  /// - Returns: ascending by code offset, none overlapping another.
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
