import Wasm
import X64

extension V128 {
  /// All bits 1.
  static let ones = V128(low: .max, high: .max)

  /// The same value in each lane.
  init<Lane: FixedWidthInteger & UnsignedInteger>(splat lane: Lane) {
    var bits: UInt64 = 0
    for index in 0..<64 / Lane.bitWidth {
      bits |= UInt64(truncatingIfNeeded: lane) << UInt64(index * Lane.bitWidth)
    }
    self.init(low: bits, high: bits)
  }
}

/// A function's vector constants: those that operands name by number, and those that its code reads, which stand behind the code.
struct VectorConstants {
  private(set) var values: [V128] = []
  /// By number: where the value is, if code reads it.
  fileprivate(set) var labels: [Label?] = []
  private var numbers: [V128: Int] = [:]

  mutating func number(_ value: V128) -> Int {
    if let number = numbers[value] { return number }
    let number = values.count
    values.append(value)
    labels.append(nil)
    numbers[value] = number
    return number
  }
}

extension FunctionCompiler {
  /// A memory operand that contains the constant, for instructions without immediate.
  mutating func memory(_ value: V128) -> Operand {
    let number = constants.number(value)
    if let label = constants.labels[number] { return .label(label) }
    let label = assembler.makeLabel()
    constants.labels[number] = label
    return .label(label)
  }

  mutating func load(_ value: V128, into register: VectorRegister) {
    switch value {
    case .zero: emit(.pxor, register, register, .vector(register))
    case .ones: emit(.pcmpeqd, register, register, .vector(register))
    default: assembler.load(register, memory(value))
    }
  }

  mutating func pushConstant(_ value: V128) {
    push(.constant(.v128, UInt64(constants.number(value))))
  }

  /// The value of an entry if it is a constant vector.
  func constant(_ entry: Entry) -> V128? {
    entry.kind == .constant && entry.type == .v128 ? constants.values[Int(entry.bits)] : nil
  }

  /// Emits the constants that code reads. Code starts at multiples of 16 bytes, and so do they.
  mutating func emitConstants() {
    guard constants.labels.contains(where: { $0 != nil }) else { return }
    while assembler.count % 16 != 0 { assembler.emit(byte: MachineStubs.trap) }
    for (number, label) in constants.labels.enumerated() {
      guard let label else { continue }
      assembler.bind(label)
      assembler.emit(qword: constants.values[number].low)
      assembler.emit(qword: constants.values[number].high)
    }
  }
}
