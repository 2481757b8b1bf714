/// General registers by encoding number.
public enum Register: UInt8, Sendable, CaseIterable {
  case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
}

/// SSE registers by encoding number.
public enum VectorRegister: UInt8, Sendable, CaseIterable {
  case xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7
  case xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15
}

/// Operand size of an integer instruction.
public enum Width: UInt8, Sendable {
  case byte, word, dword, qword
}

/// Precision of a scalar SSE instruction.
public enum Precision: UInt8, Sendable {
  case single, double
}

/// Conditions of jcc, setcc and cmovcc, by their four-bit code.
public enum Condition: UInt8, Sendable, CaseIterable {
  case overflow, notOverflow, below, aboveOrEqual, equal, notEqual, belowOrEqual, above
  case sign, notSign, parity, notParity, less, greaterOrEqual, lessOrEqual, greater

  /// The opposite condition.
  @inlinable public var inverted: Condition {
    // Codes come in pairs that differ in bit 0 only.
    Condition(rawValue: rawValue ^ 1)!
  }

  /// The condition that holds for (b, a) where this one holds for (a, b).
  public var swapped: Condition {
    switch self {
    case .below: .above
    case .aboveOrEqual: .belowOrEqual
    case .belowOrEqual: .aboveOrEqual
    case .above: .below
    case .less: .greater
    case .greaterOrEqual: .lessOrEqual
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .overflow, .notOverflow, .equal, .notEqual, .sign, .notSign, .parity, .notParity: self
    }
  }
}

/// What the r/m field of an instruction takes: a register, or memory at base + index * scale + displacement.
public struct Operand: Sendable, Equatable {
  @usableFromInline let isRegister: Bool
  /// Number of the register, or of the base.
  @usableFromInline let base: UInt8
  /// Number of the index register; 4 (rsp cannot be one) for none.
  @usableFromInline let index: UInt8
  /// log2 of the scale.
  @usableFromInline let scale: UInt8
  @usableFromInline let displacement: Int32

  @inlinable init(
    isRegister: Bool, base: UInt8, index: UInt8, scale: UInt8, displacement: Int32
  ) {
    self.isRegister = isRegister
    self.base = base
    self.index = index
    self.scale = scale
    self.displacement = displacement
  }

  /// An integer register.
  @inlinable public static func register(_ register: Register) -> Operand {
    Operand(isRegister: true, base: register.rawValue, index: 4, scale: 0, displacement: 0)
  }

  /// A vector register.
  @inlinable public static func vector(_ register: VectorRegister) -> Operand {
    Operand(isRegister: true, base: register.rawValue, index: 4, scale: 0, displacement: 0)
  }

  /// `[base + displacement]`
  @inlinable public static func memory(_ base: Register, _ displacement: Int32 = 0) -> Operand {
    Operand(
      isRegister: false, base: base.rawValue, index: 4, scale: 0, displacement: displacement)
  }

  /// - Parameters:
  ///   - index: any register but rsp.
  ///   - scale: 1, 2, 4 or 8.
  @inlinable public static func memory(
    _ base: Register, index: Register, scale: Int = 1, _ displacement: Int32 = 0
  ) -> Operand {
    precondition(index != .rsp && (scale == 1 || scale == 2 || scale == 4 || scale == 8))
    return Operand(
      isRegister: false, base: base.rawValue, index: index.rawValue,
      scale: UInt8(truncatingIfNeeded: scale.trailingZeroBitCount), displacement: displacement)
  }

  /// `[rip + label]`, for instructions of ``Packed`` without immediate.
  @inlinable public static func label(_ label: Label) -> Operand {
    Operand(
      isRegister: false, base: 5, index: 4, scale: labelScale,
      displacement: Int32(truncatingIfNeeded: label.index))
  }

  /// What ``scale`` is if ``displacement`` is a label's index.
  @usableFromInline static let labelScale: UInt8 = 0xFF

  var isLabel: Bool { scale == Self.labelScale }
}

/// A place in code that instructions may name before it is bound.
public struct Label: Sendable, Equatable {
  @usableFromInline let index: Int
  @inlinable init(index: Int) { self.index = index }
}

/// A forward jump with an 8-bit distance, to be bound within 127 bytes.
public struct ShortJump: ~Copyable {
  @usableFromInline let end: Int
  @inlinable init(end: Int) { self.end = end }
}
