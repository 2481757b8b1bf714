/// A set of callee-saved registers, other than the frame pointer, that a frame keeps for its caller. They are below the saved
/// frame pointer, in the order in which LLVM pushes them, without gaps:
///
///     [rbp]        caller's rbp
///     [rbp - 8]    the first register of the set
///     [rbp - 16]   the second one…
public struct SavedRegisters: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt8
  /// A set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The registers that may be in a set, in the order of their bits and of their places.
  public static let order: [Register] = [.r15, .r14, .r13, .r12, .rbx]
  /// Bits of ``rawValue`` that are used.
  public static var bitCount: Int { order.count }

  /// The registers of the set, in the order of their places.
  public var registers: [Register] {
    Self.order.enumerated().filter { contains(Self(rawValue: 1 << UInt8($0.offset))) }
      .map(\.element)
  }

  /// - Parameter places: offsets from the frame pointer at which registers are kept.
  /// - Returns: nil if a frame of ours would keep them elsewhere.
  public init?(places: [Register: Int]) {
    var bits: UInt8 = 0
    for register in places.keys {
      guard let index = Self.order.firstIndex(of: register) else { return nil }
      bits |= 1 << UInt8(index)
    }
    self.init(rawValue: bits)
    for (index, register) in registers.enumerated() {
      guard places[register] == -8 * (index + 1) else { return nil }
    }
  }
}
