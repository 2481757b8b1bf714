import Wasm

/// Reads the instructions of a validated body one after the other, by the immediates that the rows of ``Opcode`` name.
struct InstructionReader {
  private let bytes: [UInt8]
  private var position: Int

  init(module: Module, function: Int) {
    bytes = module.bytes
    position = module.functions[function].body.lowerBound
  }

  mutating func next() throws(CompileError) -> Instruction {
    let offset = position
    let row = try nextRow()
    var i = Instruction(opcode: row.opcode, offset: offset, end: offset)
    switch row.immediates {
    case "-": break
    case "block": i.blockType = try blockType()
    case "labels":
      let count = Int(unsigned())
      i.labels = (0...count).map { _ in Int(unsigned()) }
    case "type+table", "data+memory", "memory+memory", "elem+table", "table+table":
      i.index = Int(unsigned())
      i.index2 = Int(unsigned())
    case "types":
      _ = unsigned()
      i.selectType = try valueType()
    case "heap": i.selectType = try valueType()
    case "i32", "i64": i.bits = UInt64(bitPattern: signed())
    case "f32": i.bits = fixed(4)
    case "f64": i.bits = fixed(8)
    case "mem1", "mem2", "mem4", "mem8":
      i.alignment = Int(unsigned())
      i.bits = unsigned()
    case "label", "func", "local", "global", "table", "memory", "data", "elem":
      i.index = Int(unsigned())
    default: throw .plan("immediates \(row.immediates) of \(row.opcode)")
    }
    i.end = position
    return i
  }

  // MARK: Opcodes

  private struct Row: Sendable {
    var opcode: Opcode
    var immediates: String
  }

  /// By prefix << 16 | code, of the one-byte opcodes and those behind 0xFC.
  private static let rows: [UInt32: Row] = {
    var result: [UInt32: Row] = [:]
    for opcode in Opcode.allCases {
      let columns = opcode.rawValue.split(separator: " ")
      guard let code = UInt32(columns[0], radix: 16), !columns[0].hasPrefix("fd") else { continue }
      let key = columns[0].count > 2 ? (code >> 8) << 16 | code & 0xFF : code
      result[key] = Row(opcode: opcode, immediates: String(columns[2]))
    }
    return result
  }()

  private mutating func nextRow() throws(CompileError) -> Row {
    var key = UInt32(byte())
    if key == 0xFC || key == 0xFD { key = key << 16 | UInt32(truncatingIfNeeded: unsigned()) }
    guard let row = Self.rows[key] else {
      throw .plan("opcode \(String(key, radix: 16)) at \(position)")
    }
    return row
  }

  // MARK: Immediates

  private mutating func byte() -> UInt8 {
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func unsigned() -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = byte()
      result |= UInt64(next & 0x7F) << shift
      shift += 7
      if next < 0x80 { return result }
    }
  }

  private mutating func signed() -> Int64 {
    var result: Int64 = 0
    var shift: Int64 = 0
    while true {
      let next = byte()
      result |= Int64(next & 0x7F) << shift
      shift += 7
      if next < 0x80 {
        return shift < 64 && next & 0x40 != 0 ? result | -1 << shift : result
      }
    }
  }

  private mutating func fixed(_ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(byte()) << UInt64(8 * $1) }
  }

  private mutating func valueType() throws(CompileError) -> ValueType {
    let raw = byte()
    guard let type = ValueType(rawValue: raw) else { throw .plan("value type \(raw)") }
    return type
  }

  private mutating func blockType() throws(CompileError) -> BlockType {
    if bytes[position] == 0x40 {
      position += 1
      return .empty
    }
    if let type = ValueType(rawValue: bytes[position]) {
      position += 1
      return .value(type)
    }
    return .type(Int(signed()))
  }
}
