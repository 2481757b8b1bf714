/// Machine code that a guard with a deopt rests on: `cmp r/m, imm`, and the conditional jump behind it where the compare alone is
/// too short for another jump in its place.
public struct GuardCode: Equatable, Sendable {
  /// Bytes of the compare, which does the same at another address.
  public var compareLength: Int
  /// The conditional jump behind the compare, if it belongs to the test.
  public var jump: Jump?

  /// A conditional jump.
  public struct Jump: Equatable, Sendable {
    /// Low four bits of its opcode (Intel SDM, volume 2, appendix B.1.4.7).
    public var condition: UInt8
    /// From the end of the jump.
    public var distance: Int32

    /// A jump on a condition.
    public init(condition: UInt8, distance: Int32) {
      self.condition = condition
      self.distance = distance
    }
  }

  /// Bytes of a jump with a distance of 32 bits.
  public static let minimumLength = 5

  /// A compare, with or without its jump.
  public init(compareLength: Int, jump: Jump? = nil) {
    self.compareLength = compareLength
    self.jump = jump
  }

  /// - Parameter bytes: all of it.
  /// - Returns: nil if that is anything else.
  public init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard (Self.minimumLength...32).contains(bytes.count),
      let length = Self.compareLength(bytes)
    else { return nil }
    self.init(compareLength: length)
    if length == bytes.count { return }
    guard let jump = Self.jump(bytes[length...]) else { return nil }
    self.jump = jump
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
  private static func jump(_ bytes: ArraySlice<UInt8>) -> Jump? {
    let bytes = Array(bytes)
    if bytes.count == 2, bytes[0] & 0xF0 == 0x70 {
      return Jump(condition: bytes[0] & 15, distance: Int32(Int8(bitPattern: bytes[1])))
    }
    guard bytes.count == 6, bytes[0] == 0x0F, bytes[1] & 0xF0 == 0x80 else { return nil }
    let distance = bytes[2...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Jump(condition: bytes[1] & 15, distance: Int32(bitPattern: distance))
  }

  /// Where a direct jump leads to, as far from the start of the code as its end is. Indirect ones clobber the flags, so none leads to a conditional jump.
  /// - Parameter end: of the instruction.
  public static func destination(_ instruction: some Collection<UInt8>, end: Int) -> Int? {
    let bytes = Array(instruction)
    switch (bytes.count, bytes[0]) {
    case (2, 0x70...0x7F), (2, 0xEB): return end + Int(Int8(bitPattern: bytes[1]))
    case (5, 0xE9), (6, 0x0F):
      guard bytes[0] == 0xE9 || bytes[1] & 0xF0 == 0x80 else { return nil }
      let distance = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return end + Int(Int32(bitPattern: distance))
    default: return nil
    }
  }
}
