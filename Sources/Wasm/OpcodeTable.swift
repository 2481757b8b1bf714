extension Opcode {
  /// Position among all cases; an index for tables with ``Opcode/count`` entries.
  @inline(__always)
  public var ordinal: Int {
    // A case without payload is its declaration's number, in the smallest integer that holds them all:
    // the size is asserted here, and that the numbers are the ordinals when the table is built.
    assert(MemoryLayout<Opcode>.size == MemoryLayout<UInt16>.size)
    return Int(unsafeBitCast(self, to: UInt16.self))
  }

  /// Number of opcodes.
  public static var count: Int { OpcodeTable.infos.count }

  /// Of the row, without the rest of it.
  public var effects: OpcodeEffects { OpcodeTable.effects[ordinal] }
  /// Of the row.
  public var control: ControlRole { OpcodeTable.roles[ordinal] }
  /// Of the row.
  public var immediate: ImmediateKind { OpcodeTable.immediateKinds[ordinal] }

  /// The opcode's row, decoded.
  public var info: OpcodeInfo { OpcodeTable.infos[ordinal] }

  /// - Parameters:
  ///   - prefix: 0 for one-byte opcodes, else one of ``InstructionReader/prefixes``.
  ///   - code: the byte, or the number behind the prefix.
  public init?(prefix: UInt8, code: UInt32) {
    let table = OpcodeTable.codes(prefix)
    guard let index = Int(exactly: code), index < table.count, let opcode = table[index] else {
      return nil
    }
    self = opcode
  }

  /// By the text format's keyword. `select` is the form without types.
  public init?(mnemonic: String) {
    guard let opcode = OpcodeTable.mnemonics[mnemonic] else { return nil }
    self = opcode
  }

  // Raw values make `==` and `hash` compare the rows' texts unless they are given here.
  @inline(__always)
  public static func == (a: Opcode, b: Opcode) -> Bool { a.ordinal == b.ordinal }

  public func hash(into hasher: inout Hasher) { hasher.combine(ordinal) }
}

/// What the rows of ``Opcode`` say, in the forms that lookups need. Built once.
enum OpcodeTable {
  static let infos: [OpcodeInfo] = {
    let infos = Opcode.allCases.map { row($0) }
    for (index, info) in infos.enumerated() { precondition(info.opcode.ordinal == index) }
    return infos
  }()

  private static let plain = table(prefix: 0)
  private static let miscellaneous = table(prefix: 0xFC)
  private static let vector = table(prefix: 0xFD)
  private static let aggregate = table(prefix: 0xFB)
  private static let atomic = table(prefix: 0xFE)

  /// What a decoder asks of a row, small enough to copy.
  struct Decoding {
    var opcode: Opcode
    var immediate: ImmediateKind
    var isSupported: Bool
  }

  /// By ordinal.
  static let decodings = infos.map {
    Decoding(
      opcode: $0.opcode, immediate: $0.immediate,
      isSupported: FeatureSet.valid.contains($0.feature))
  }

  /// By ordinal.
  static let effects = infos.map(\.effects)
  static let roles = infos.map(\.control)
  static let immediateKinds = infos.map(\.immediate)

  /// By byte, for opcodes without prefix.
  static let plainDecodings = (0..<256).map { code in
    Opcode(prefix: 0, code: UInt32(code)).map { decodings[$0.ordinal] }
  }

  static let mnemonics = Dictionary(
    infos.map { ($0.mnemonic, $0.opcode) }, uniquingKeysWith: { first, _ in first })

  /// Opcodes by the number behind `prefix`; empty for an unknown prefix.
  static func codes(_ prefix: UInt8) -> [Opcode?] {
    switch prefix {
    case 0: plain
    case 0xFB: aggregate
    case 0xFC: miscellaneous
    case 0xFD: vector
    case 0xFE: atomic
    default: []
    }
  }

  private static func table(prefix: UInt8) -> [Opcode?] {
    let rows = infos.filter { $0.prefix == prefix }
    var result = [Opcode?](repeating: nil, count: Int(rows.map(\.code).max()!) + 1)
    for row in rows {
      precondition(result[Int(row.code)] == nil, "two rows for one opcode: \(row.mnemonic)")
      result[Int(row.code)] = row.opcode
    }
    return result
  }

  // MARK: Rows

  // Every process decodes all rows, so this works on bytes: by characters it took a fifth of the instructions of a hello.

  private typealias Column = Substring.UTF8View

  private static func row(_ opcode: Opcode) -> OpcodeInfo {
    let columns = opcode.rawValue.utf8.split(separator: UInt8(ascii: " "))
    precondition(columns.count == 6, "\(opcode.rawValue)")
    let hasPrefix = columns[0].count > 2
    let prefix = hasPrefix ? UInt8(hexadecimal(columns[0].prefix(2))) : 0
    let (effects, control) = effects(columns[4])
    return OpcodeInfo(
      opcode: opcode, prefix: prefix,
      code: hexadecimal(columns[0].dropFirst(hasPrefix ? 2 : 0)), mnemonic: text(columns[1]),
      immediate: immediate(columns[2]), signature: signature(columns[3]), effects: effects,
      control: control, feature: features[text(columns[5])]!)
  }

  private static func text(_ column: Column) -> String { String(Substring(column)) }

  private static func hexadecimal(_ column: Column) -> UInt32 {
    column.reduce(0) { number, digit in
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number << 4 | UInt32(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"):
        number << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
      default: preconditionFailure("hexadecimal digit")
      }
    }
  }

  private static let features = Dictionary(
    uniqueKeysWithValues: Feature.allCases.map { ($0.rawValue, $0) })

  private static func immediate(_ column: Column) -> ImmediateKind {
    let name = text(column)
    if let known = immediates[name] { return known }
    if name.hasPrefix("mem") {
      let parts = name.dropFirst(3).split(separator: "+")
      let alignment = Int(parts[0])!
      return parts.count == 1
        ? .memoryArgument(naturalAlignment: alignment)
        : .memoryArgumentAndLane(naturalAlignment: alignment)
    }
    if name.hasPrefix("lane") { return .lane(count: Int(name.dropFirst(4))!) }
    precondition(name.hasPrefix("atomic"), "\(name)")
    return .atomicArgument(naturalAlignment: Int(name.dropFirst(6))!)
  }

  private static let immediates: [String: ImmediateKind] = [
    "-": .none, "block": .block, "label": .label, "labels": .labels, "func": .function,
    "type": .type, "type+table": .typeAndTable, "try": .tryTable, "scope": .scope, "tag": .tag,
    "types": .types,
    "local": .local, "global": .global, "table": .table, "memory": .memory,
    "memory+memory": .memoryAndMemory, "table+table": .tableAndTable,
    "data+memory": .dataAndMemory, "elem+table": .elementAndTable, "data": .data,
    "elem": .element, "heap": .heapType, "i32": .i32, "i64": .i64, "f32": .f32, "f64": .f64,
    "v128": .v128, "shuffle": .shuffle, "zero": .zero, "type+field": .typeAndField,
    "type+count": .typeAndCount, "type+data": .typeAndData, "type+elem": .typeAndElement,
    "type+type": .typeAndType, "cast": .cast,
  ]

  private static func signature(_ column: Column) -> (
    operands: [ValueType?], results: [ValueType?]
  )? {
    guard column.first != UInt8(ascii: "*") else { return nil }
    let sides = column.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return (sides[0].map { type($0) }, sides[1].map { type($0) })
  }

  private static func effects(_ column: Column) -> (OpcodeEffects, ControlRole) {
    var effects: OpcodeEffects = []
    var control: ControlRole = []
    for letter in column {
      switch UnicodeScalar(letter) {
      case "r": effects.insert(.readsMemory)
      case "w": effects.insert(.writesMemory)
      case "g": effects.insert(.readsGlobal)
      case "G": effects.insert(.writesGlobal)
      case "t": effects.insert(.readsTable)
      case "T": effects.insert(.writesTable)
      case "l": effects.insert(.readsLocal)
      case "L": effects.insert(.writesLocal)
      case "o": effects.insert(.readsObject)
      case "O": effects.insert(.writesObject)
      case "d": effects.insert(.dropsSegment)
      case "c": effects.insert(.calls)
      case "x": effects.insert(.mayTrap)
      case "{": control.insert(.opensBlock)
      case "|": control.insert(.dividesBlock)
      case "}": control.insert(.closesBlock)
      case ">": control.insert(.mayBranch)
      case "!": control.insert(.neverContinues)
      case "-": precondition(column.count == 1, "effects beside none")
      default: preconditionFailure("effect \(UnicodeScalar(letter))")
      }
    }
    return (effects, control)
  }

  /// Nil: the memory's address type.
  private static func type(_ letter: UInt8) -> ValueType? {
    switch UnicodeScalar(letter) {
    case "i": .i32
    case "l": .i64
    case "f": .f32
    case "d": .f64
    case "v": .v128
    case "a": nil
    default: preconditionFailure("type \(UnicodeScalar(letter))")
    }
  }
}
