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
  /// Index into ``DeoptTable/guards``; ``unknown`` where LLVM merged the tests of several.
  public var guardNumber: UInt32

  /// ``guardNumber`` where it is not known.
  public static let unknown: UInt32 = 0xFFFF_FFFF
  /// A jump with a distance of 32 bits.
  public static let minimumLength = 5

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

  // MARK: Instructions

  /// Decoded machine code of a test.
  public struct Code: Equatable, Sendable {
    /// Bytes of the compare, which does the same at another address.
    public var compareLength: Int
    /// The conditional jump after the compare, if it belongs to the test.
    public var jump: Jump?

    /// A conditional jump.
    public struct Jump: Equatable, Sendable {
      /// Low four bits of its opcode (Intel SDM, volume 2, appendix B.1.4.7).
      public var condition: UInt8
      /// From the end of the jump.
      public var distance: Int32
    }
  }

  /// - Parameter bytes: all of it.
  /// - Returns: nil if that is anything else.
  public static func decode(_ bytes: some Collection<UInt8>) -> Code? {
    let bytes = Array(bytes)
    guard (minimumLength...32).contains(bytes.count), let length = compareLength(bytes) else {
      return nil
    }
    if length == bytes.count { return Code(compareLength: length) }
    guard let jump = jump(bytes[length...]) else { return nil }
    return Code(compareLength: length, jump: jump)
  }

  /// Length of the compare that code starts with; nil if that is something else or cannot be moved elsewhere. Its first
  /// operand is a register or a place in the frame.
  ///
  ///     [REX] 3C ib        [REX] 80 /7 [SIB] [displacement] ib
  ///     [REX] 3D id        [REX] 81 /7 [SIB] [displacement] id
  ///                        [REX] 83 /7 [SIB] [displacement] ib
  public static func compareLength(_ bytes: [UInt8]) -> Int? {
    // Zeros behind the end are no instruction of these.
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    let prefix = byte(0) & 0xF0 == 0x40 ? byte(0) : 0
    let start = prefix == 0 ? 0 : 1
    let end: Int
    switch byte(start) {
    case 0x3C: end = start + 2
    case 0x3D: end = start + 5
    case 0x80, 0x81, 0x83:
      let modes = byte(start + 1)
      guard modes >> 3 & 7 == 7 else { return nil }
      let immediate = byte(start) == 0x81 ? 4 : 1
      if modes >> 6 == 3 {
        end = start + 2 + immediate
        break
      }
      // In memory: based on rbp, or on rsp without an index.
      let displacement = [0, 1, 4][Int(modes >> 6)]
      switch modes & 7 {
      case 4 where prefix & 3 == 0 && byte(start + 2) == 0x24:
        end = start + 3 + displacement + immediate
      case 5 where prefix & 3 == 0 && displacement > 0: end = start + 2 + displacement + immediate
      default: return nil
      }
    default: return nil
    }
    return end <= bytes.count ? end : nil
  }

  /// `7x rel8` or `0F 8x rel32`.
  private static func jump(_ bytes: ArraySlice<UInt8>) -> Code.Jump? {
    let bytes = Array(bytes)
    if bytes.count == 2, bytes[0] & 0xF0 == 0x70 {
      return Code.Jump(condition: bytes[0] & 15, distance: Int32(Int8(bitPattern: bytes[1])))
    }
    guard bytes.count == 6, bytes[0] == 0x0F, bytes[1] & 0xF0 == 0x80 else { return nil }
    let distance = bytes[2...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Code.Jump(condition: bytes[1] & 15, distance: Int32(bitPattern: distance))
  }
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
      guard start >= next, end <= text.count, let code = GuardTest.decode(text[start..<end]),
        text.indices.contains(end + Int(code.jump?.distance ?? 0))
      else { throw reader.error("guard test is not a compare of the code") }
      next = end
      guard test.guardNumber == GuardTest.unknown || Int(test.guardNumber) < guardCount else {
        throw reader.error("guard test of no guard")
      }
    }
    return tests
  }
}
