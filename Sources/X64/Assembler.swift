import Glibc

/// Encodes x86-64 instructions into a growing buffer. Instructions are grouped by topic in extensions;
/// this file holds the buffer, the encoder proper and labels.
///
/// Each instruction checks capacity once, for ``maximumInstructionLength``, and then writes without checks.
public struct Assembler: ~Copyable {
  @usableFromInline var buffer: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  /// Bytes emitted.
  public internal(set) var count = 0
  /// By label: its position if bound, else -1 - (end of the field of its last use), or ``unused``.
  /// The field of an unresolved use holds the end of the field of the use before it.
  private var labels: [Int] = []

  private static let unused = -1
  /// Any x86-64 instruction takes at most 15 bytes; the encoder stores up to 8 bytes at once.
  @usableFromInline static let maximumInstructionLength = 32

  /// An empty buffer that grows beyond `capacity` bytes as needed.
  public init(capacity: Int = 1024) {
    self.capacity = max(capacity, 64)
    buffer = .allocate(capacity: self.capacity)
  }

  deinit { buffer.deallocate() }

  /// A copy of the code.
  public var code: [UInt8] {
    // `buffer` is allocated for `capacity` >= `count` bytes, and the first `count` were written.
    Array(UnsafeBufferPointer(start: buffer, count: count))
  }

  // MARK: Buffer

  private mutating func grow(by minimum: Int) {
    let newCapacity = max(2 * capacity, capacity + minimum)
    let newBuffer = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
    // Both hold at least `count` bytes and do not overlap.
    newBuffer.update(from: buffer, count: count)
    buffer.deallocate()
    buffer = newBuffer
    capacity = newCapacity
  }

  @inline(__always)
  mutating func reserve() {
    if count + Self.maximumInstructionLength > capacity { grow(by: Self.maximumInstructionLength) }
  }

  /// Stores at `position` and returns the position behind it. Callers have reserved.
  @inline(__always)
  func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at position: Int) -> Int {
    // Positions stay below `capacity`: instructions reserve ``maximumInstructionLength``.
    UnsafeMutableRawPointer(buffer + position).storeBytes(of: value.littleEndian, as: T.self)
    return position + MemoryLayout<T>.size
  }

  /// Appends a byte.
  public mutating func emit(byte: UInt8) {
    reserve()
    count = put(byte, at: count)
  }

  /// Appends 4 bytes, little-endian.
  public mutating func emit(dword: UInt32) {
    reserve()
    count = put(dword, at: count)
  }

  /// Appends 8 bytes, little-endian.
  public mutating func emit(qword: UInt64) {
    reserve()
    count = put(qword, at: count)
  }

  /// Emits up to four fixed bytes.
  mutating func emit(_ bytes: UInt32, length: Int) {
    reserve()
    _ = put(bytes, at: count)
    count += length
  }

  /// Writes a 32-bit field again that was emitted before.
  public mutating func patch(dword: UInt32, at position: Int) {
    precondition(position >= 0 && position <= count - 4)
    _ = put(dword, at: position)
  }

  // MARK: Encoder

  /// Opcode, opcode map (0, 0F, 0F 38, 0F 3A) and mandatory prefix of an instruction.
  struct Form {
    var opcode: UInt8
    var map: UInt8 = 0
    var prefix: UInt8 = 0
  }

  struct Immediate {
    var value: Int64 = 0
    /// 0, 1, 2, 4 or 8 bytes.
    var size: Int = 0
  }

  /// [prefix] [REX] opcode ModRM [SIB] [displacement] [immediate] (Intel SDM vol. 2, chapter 2).
  /// - Parameters:
  ///   - reg: the ModRM.reg field: a register number, or an opcode extension.
  ///   - needsREX: for byte operands spl, bpl, sil, dil.
  mutating func encode(
    _ form: Form, wide: Bool = false, reg: UInt8, _ operand: Operand, needsREX: Bool = false,
    immediate: Immediate = Immediate()
  ) {
    reserve()
    var position = count
    if form.prefix != 0 { position = put(form.prefix, at: position) }
    let extensions = (reg >> 3) << 2 | (operand.index >> 3) << 1 | operand.base >> 3
    let rex = 0x40 | (wide ? 8 : 0) | extensions
    if rex != 0x40 || needsREX { position = put(rex, at: position) }
    if form.map != 0 {
      position = put(UInt8(0x0F), at: position)
      if form.map == 2 { position = put(UInt8(0x38), at: position) }
      if form.map == 3 { position = put(UInt8(0x3A), at: position) }
    }
    position = put(form.opcode, at: position)
    position = putOperand(operand, reg: (reg & 7) << 3, at: position)
    switch immediate.size {
    case 0: break
    case 1: position = put(UInt8(truncatingIfNeeded: immediate.value), at: position)
    case 2: position = put(UInt16(truncatingIfNeeded: immediate.value), at: position)
    default: position = put(UInt32(truncatingIfNeeded: immediate.value), at: position)
    }
    count = position
  }

  /// ModRM, SIB and displacement.
  @inline(__always)
  func putOperand(_ operand: Operand, reg: UInt8, at start: Int) -> Int {
    var position = start
    let base = operand.base & 7
    if operand.isRegister { return put(0xC0 | reg | base, at: position) }
    let displacement = operand.displacement
    // rbp and r13 as base have no form without displacement.
    let mode: UInt8 =
      displacement == 0 && base != 5
      ? 0 : Int32(Int8(truncatingIfNeeded: displacement)) == displacement ? 0x40 : 0x80
    if operand.index == 4 && base != 4 {
      position = put(mode | reg | base, at: position)
    } else {
      position = put(mode | reg | 4, at: position)
      position = put(operand.scale << 6 | (operand.index & 7) << 3 | base, at: position)
    }
    if mode == 0x40 { return put(Int8(truncatingIfNeeded: displacement), at: position) }
    return mode == 0x80 ? put(displacement, at: position) : position
  }

  /// An opcode that holds its register in its low three bits.
  mutating func encode(opcode: UInt8, wide: Bool, register: Register) {
    reserve()
    var position = count
    let rex = 0x40 | (wide ? 8 : 0) | register.rawValue >> 3
    if rex != 0x40 { position = put(rex, at: position) }
    count = put(opcode | register.rawValue & 7, at: position)
  }

  // MARK: Labels

  /// A label that is not bound yet.
  public mutating func makeLabel() -> Label {
    labels.append(Self.unused)
    return Label(index: labels.count - 1)
  }

  /// Whether an instruction named the label or it is bound.
  public func isUsed(_ label: Label) -> Bool { labels[label.index] != Self.unused }

  /// The label's place in the code; nil while unbound.
  public func position(of label: Label) -> Int? {
    let position = labels[label.index]
    return position >= 0 ? position : nil
  }

  /// Puts the label here and resolves all its uses. Each use is visited once.
  public mutating func bind(_ label: Label) {
    var link = labels[label.index]
    precondition(link < 0, "label bound twice")
    labels[label.index] = count
    while link != Self.unused {
      let end = -1 - link
      // The chain holds ends of fields that ``emit(field:)`` wrote: 4 <= end <= count.
      let field = UnsafeMutableRawPointer(buffer + end - 4)
      link = Int(field.loadUnaligned(as: Int32.self))
      field.storeBytes(of: Int32(truncatingIfNeeded: count - end), as: Int32.self)
    }
  }

  /// Emits the four bytes from their end to the label.
  public mutating func emit(distanceTo label: Label) {
    reserve()
    let end = count + 4
    let state = labels[label.index]
    if state >= 0 {
      count = put(Int32(truncatingIfNeeded: state - end), at: count)
    } else {
      count = put(Int32(truncatingIfNeeded: state), at: count)
      labels[label.index] = -1 - end
    }
  }

  /// Puts the target of a short jump here.
  public mutating func bind(_ jump: consuming ShortJump) {
    let distance = count - jump.end
    precondition(distance <= 127, "short jump too long")
    buffer[jump.end - 1] = UInt8(truncatingIfNeeded: distance)
  }
}
