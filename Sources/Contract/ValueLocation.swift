import X64

/// Where the value of a local or an operand is when a guard fails. Registers have their hardware numbers (rax, rcx, rdx, rbx,
/// rsp, rbp, rsi, rdi, r8…). A value is in the low bytes: an i32 or f32 has 4.
public enum ValueLocation: Hashable, Sendable {
  case general(Int)
  case vector(Int)
  /// Relative to rsp as it is after the call of the capture stub has returned.
  case stackPointer(offset: Int32)
  case framePointer(offset: Int32)
  case constant(UInt64)
  /// Any value is valid: nothing reads it.
  case undefined
}

/// The registers that the capture stub saves: 16 general registers, then 32 vector registers. On machines without AVX-512, the
/// last 16 are not written.
public enum CaptureArea {
  /// Offset of a general register, by its hardware number.
  public static func general(_ number: Int) -> Int { 8 * number }
  /// Offset of a vector register.
  public static func vector(_ number: Int) -> Int {
    general(RegisterFile.generalCount) + RegisterFile.vectorSize * number
  }
  /// Offset of rsp.
  public static let stackPointer = general(Register.stackPointer.number)
  /// Offset of rbp.
  public static let framePointer = general(Register.framePointer.number)
  /// Size of the area.
  public static let size = vector(RegisterFile.vectorCount)

  /// The register whose slot starts at `offset`.
  static func register(at offset: Int) -> ValueLocation {
    offset < vector(0)
      ? .general(offset / general(1)) : .vector((offset - vector(0)) / RegisterFile.vectorSize)
  }

  /// Whether a register's slot starts at `offset`.
  static func isRegister(_ offset: Int) -> Bool {
    let size = offset < vector(0) ? general(1) : RegisterFile.vectorSize
    return (0..<Self.size).contains(offset) && offset % size == 0
  }
}

/// The encoded form of a ``ValueLocation``, which the deoptimizer reads.
public struct PackedLocation: ArtefactRow, Hashable {
  /// Raw value of a ``Kind``.
  public var kind: UInt32
  /// Its meaning depends on ``kind``.
  public var payload: Int32

  /// The kinds of locations.
  public enum Kind: UInt32, Sendable {
    case undefined = 0
    /// Payload: byte offset in the ``CaptureArea``.
    case saved = 1
    /// Payload: bytes from rsp.
    case stackPointer = 2
    /// Payload: bytes from rbp.
    case framePointer = 3
    /// Payload: the value, sign-extended.
    case constant = 4
    /// Payload: index into ``DeoptTable/constants``.
    case pooled = 5
  }

  /// Creates an encoded location.
  public init(_ kind: Kind, _ payload: Int32 = 0) {
    self.kind = kind.rawValue
    self.payload = payload
  }

  /// The minimum frame size below rbp that contains the value. A value has at least 4 bytes. The deoptimizer loads 8, and the
  /// upper ones may be those of the saved rbp.
  var extent: UInt32 {
    switch Kind(rawValue: kind) {
    case .stackPointer: UInt32(clamping: payload) + 4
    case .framePointer: max(4, payload.magnitude)
    default: 0
    }
  }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) {
    kind = words[0]
    payload = Int32(bitPattern: words[1])
  }
  public func append(to words: inout [UInt32]) { words += [kind, UInt32(bitPattern: payload)] }
}

/// A 64-bit constant.
public struct PooledConstant: ArtefactRow, Hashable {
  /// The constant's bits.
  public var value: UInt64

  /// Creates a constant.
  public init(value: UInt64) { self.value = value }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) { value = UInt64(words[0]) | UInt64(words[1]) << 32 }
  public func append(to words: inout [UInt32]) {
    words += [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
  }
}
