import X64

/// Where a guard's failing side finds the value of a local or an operand. Registers by hardware number
/// (rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8…). A value's low bytes are what counts: an i32 or f32 has 4.
public enum ValueLocation: Hashable, Sendable {
  case general(Int)
  case vector(Int)
  /// rsp as it is after the call of the capture stub has returned.
  case stackPointer(offset: Int32)
  case framePointer(offset: Int32)
  case constant(UInt64)
  /// Any value will do: nothing reads it.
  case undefined
}

/// What the capture stub saves: 16 general registers, then 32 vector registers (on machines without
/// AVX-512 the last 16 are left alone).
public enum CaptureArea {
  /// Offset of a general register, by its number in machine code.
  public static func general(_ number: Int) -> Int { 8 * number }
  /// Offset of a vector register.
  public static func vector(_ number: Int) -> Int {
    general(RegisterFile.generalCount) + RegisterFile.vectorSize * number
  }
  /// Offset of rsp.
  public static let stackPointer = general(Register.stackPointer.number)
  /// Offset of rbp.
  public static let framePointer = general(Register.framePointer.number)
  /// Bytes of the area.
  public static let size = vector(RegisterFile.vectorCount)

  /// The register whose place starts at `offset`.
  static func register(at offset: Int) -> ValueLocation {
    offset < vector(0)
      ? .general(offset / general(1)) : .vector((offset - vector(0)) / RegisterFile.vectorSize)
  }

  /// Whether a register's place starts at `offset`.
  static func isRegister(_ offset: Int) -> Bool {
    let size = offset < vector(0) ? general(1) : RegisterFile.vectorSize
    return (0..<Self.size).contains(offset) && offset % size == 0
  }
}

/// A ``ValueLocation`` as the deoptimizer reads it.
public struct PackedLocation: ArtefactRow, Hashable {
  /// Raw values of ``Kind``.
  public var kind: UInt32
  /// Its meaning depends on ``kind``.
  public var payload: Int32

  /// How a payload is read.
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

  /// A location in its packed form.
  public init(_ kind: Kind, _ payload: Int32 = 0) {
    self.kind = kind.rawValue
    self.payload = payload
  }

  /// Bytes of frame below rbp that it reaches into. A value has at least 4 bytes; the deoptimizer loads 8, of which the
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

  /// A constant.
  public init(value: UInt64) { self.value = value }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) { value = UInt64(words[0]) | UInt64(words[1]) << 32 }
  public func append(to words: inout [UInt32]) {
    words += [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
  }
}
