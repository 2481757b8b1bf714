import Wasm
import X64

/// A machine register of either kind: 0…15 general, 16…31 vector, so that masks fit into 32 bits.
struct MachineRegister: Equatable {
  let number: UInt8

  init(number: UInt8) { self.number = number }
  init(_ register: Register) { number = register.rawValue }
  init(_ register: VectorRegister) { number = register.rawValue + 16 }

  var mask: UInt32 { 1 << UInt32(number) }
  var isVector: Bool { number >= 16 }
  // Numbers are below 32, and each kind has 16 cases with raw values 0…15.
  var general: Register { Register(rawValue: number & 15)! }
  var vector: VectorRegister { VectorRegister(rawValue: number & 15)! }
}

/// The current location of an operand of the wasm stack.
struct Entry {
  enum Kind: UInt8 {
    /// In its home. After a pop, `bits` is the slot.
    case home
    /// The value `bits`; an i32 or f32 is in the low half, and the high half is 0. That of a vector is the number of its value
    /// (``VectorConstants``).
    case constant
    /// The current value of local `bits`.
    case local
    /// In `register`, which no other entry uses. An i32 is zero-extended.
    case register
    /// An i32 that is 1 if the flags satisfy the condition `Test(rawValue: bits)`. Only for the top of the stack, and only
    /// until the next instruction.
    case flags
  }

  var kind: Kind
  var type: ValueType
  var register = MachineRegister(number: 0)
  var bits: UInt64 = 0

  static func constant(_ type: ValueType, _ bits: UInt64) -> Entry {
    Entry(kind: .constant, type: type, bits: bits)
  }

  /// The constant as an immediate that the CPU sign-extends to the operand's width.
  var immediate: Int32? {
    guard kind == .constant, type != .v128 else { return nil }
    if type == .i32 { return Int32(truncatingIfNeeded: bits) }
    return Int32(exactly: Int64(bitPattern: bits))
  }
}

extension ValueType {
  /// Operand size of integer instructions for this type; references are qwords.
  var width: Width { self == .i32 || self == .f32 ? .dword : .qword }
  var precision: Precision { self == .f32 ? .single : .double }
  /// Whether values are in vector registers, else in general ones.
  var isInVectorRegister: Bool { isFloat || self == .v128 }
}

/// A condition of the flags. Two more cases involve the parity flag (float comparisons).
struct Test: Equatable {
  let rawValue: UInt8

  static let floatEqual = Test(rawValue: 16)
  static let floatNotEqual = Test(rawValue: 17)

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ condition: Condition) { rawValue = condition.rawValue }

  /// Nil for the two float tests.
  var condition: Condition? { Condition(rawValue: rawValue) }
  /// The codes of opposite tests differ in bit 0.
  var inverted: Test { Test(rawValue: rawValue ^ 1) }
}
