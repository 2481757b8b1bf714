import X64

/// Where the value of a local or an operand is when a guard fails. Registers have their hardware numbers (rax, rcx, rdx, rbx,
/// rsp, rbp, rsi, rdi, r8…). A value is in the low bytes: an i32 or f32 has 4.
public enum ValueLocation: Hashable, Sendable {
  /// How much of a vector register or stack slot is the value.
  public enum Width: Hashable, Sendable {
    /// Up to 8 bytes.
    case scalar
    /// 16 bytes: a v128.
    case vector
  }

  case general(Int)
  case vector(Int, Width)
  /// Relative to rsp as it is after the call of the capture stub has returned.
  case stackPointer(offset: Int32, Width)
  case framePointer(offset: Int32, Width)
  /// A v128's upper half is zero.
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
  static func register(at offset: Int, _ width: ValueLocation.Width) -> ValueLocation {
    offset < vector(0)
      ? .general(offset / general(1))
      : .vector((offset - vector(0)) / RegisterFile.vectorSize, width)
  }

  /// Whether the slot of a register that has room for a value starts at `offset`.
  static func isRegister(_ offset: Int, _ width: ValueLocation.Width) -> Bool {
    let size = offset < vector(0) ? general(1) : RegisterFile.vectorSize
    return (0..<Self.size).contains(offset) && offset % size == 0
      && (width == .scalar || offset >= vector(0))
  }
}

/// The encoded form of a ``ValueLocation``, which the deoptimizer reads.
public struct PackedLocation: ArtefactRow, Hashable {
  /// Raw value of a ``Kind``, plus ``vectorFlag``.
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

  /// Set in ``kind`` if the value has 16 bytes: only in vector registers and on the stack.
  @usableFromInline static let vectorFlag: UInt32 = 1 << 4

  /// Creates an encoded location.
  public init(_ kind: Kind, _ payload: Int32 = 0, _ width: ValueLocation.Width = .scalar) {
    self.kind = kind.rawValue | (width == .vector ? Self.vectorFlag : 0)
    self.payload = payload
  }

  /// The raw value of the ``Kind``, without the width.
  @inlinable public var place: UInt32 { kind & ~Self.vectorFlag }
  /// Whether the value has 16 bytes.
  @inlinable public var isVector: Bool { kind & Self.vectorFlag != 0 }
  var width: ValueLocation.Width { isVector ? .vector : .scalar }

  /// The minimum frame size below rbp that contains the value. A scalar has at least 4 bytes. The deoptimizer loads 8, and the
  /// upper ones may be those of the saved rbp. A vector is in the frame as a whole.
  var extent: UInt32 {
    let size: UInt32 = isVector ? 16 : 4
    return switch Kind(rawValue: place) {
    case .stackPointer: UInt32(clamping: payload) + size
    case .framePointer: max(size, payload.magnitude)
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
