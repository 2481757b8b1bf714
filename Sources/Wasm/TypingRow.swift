/// A fixed signature, in the form the validator applies quickest.
struct TypingRow {
  /// Bytes of number and vector types, three at most, the last in the lowest byte: in the order in which they are popped.
  var operands: UInt32 = 0
  /// ``ValueType/bottom``: none.
  var result = ValueType.bottom
  var naturalAlignment = 0
  /// Whether the type follows from the row alone.
  var isFixed = false
  var accessesMemory = false
  var namesSegment = false

  /// By ordinal.
  static let all = OpcodeTable.infos.map { TypingRow($0) }

  private init(_ info: OpcodeInfo) {
    switch info.immediate {
    case .none, .zero, .i32, .i64, .f32, .f64, .v128: break
    case .memoryArgument(let alignment):
      naturalAlignment = alignment.trailingZeroBitCount
      accessesMemory = true
    case .memory: accessesMemory = true
    case .data, .element: namesSegment = true
    // What these say has to be checked too: a row alone is not enough.
    case .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .tag, .types, .local,
      .global, .table, .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable,
      .heapType, .shuffle, .lane, .memoryArgumentAndLane, .atomicArgument, .typeAndField,
      .typeAndCount, .typeAndData, .typeAndElement, .typeAndType, .cast:
      return
    }
    guard let signature = info.signature else { return }
    precondition(signature.operands.count <= 3 && signature.results.count <= 1)
    isFixed = true
    // Memories have 32-bit addresses: others are refused by the decoder.
    for type in signature.operands { operands = operands << 8 | (type ?? .i32).bits }
    if let type = signature.results.first { result = type ?? .i32 }
  }
}
