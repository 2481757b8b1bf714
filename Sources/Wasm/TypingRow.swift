/// A fixed signature, in the form the validator applies quickest.
struct TypingRow {
  /// Bytes of number and vector types, four at most, the last in the lowest byte: in the order in which they are popped. 0 where
  /// ``addressOperands`` has a 1.
  var operands: UInt32 = 0
  /// The same, two at most, the first in the lowest byte: in the order in which they are pushed.
  var results: UInt16 = 0
  /// A 1 in the byte of each operand that is of the memory's address type.
  var addressOperands: UInt32 = 0
  /// A 1 in the byte of each result that is of the memory's address type.
  var addressResults: UInt16 = 0
  var naturalAlignment = 0
  /// Whether no other alignment is valid than the natural one.
  var isAtomic = false
  /// Whether the type follows from the row alone.
  var isFixed = false
  var accessesMemory = false
  /// Lanes that the immediates may name; 0 for an instruction without such immediates.
  var laneCount = 0
  /// Whether more is to be checked than types and memory: a segment or lanes.
  var hasMoreToCheck = false

  /// By ordinal.
  static let all = OpcodeTable.infos.map { TypingRow($0) }

  private init(_ info: OpcodeInfo) {
    switch info.immediate {
    case .none, .zero, .i32, .i64, .f32, .f64, .v128: break
    case .memoryArgument(let alignment):
      naturalAlignment = alignment.trailingZeroBitCount
      accessesMemory = true
    case .memoryArgumentAndLane(let alignment):
      naturalAlignment = alignment.trailingZeroBitCount
      accessesMemory = true
      laneCount = 16 / alignment
    case .atomicArgument(let alignment):
      naturalAlignment = alignment.trailingZeroBitCount
      accessesMemory = true
      isAtomic = true
    case .memory: accessesMemory = true
    case .lane(let count): laneCount = count
    // Of both operands together.
    case .shuffle: laneCount = 32
    case .data, .element: hasMoreToCheck = true
    // What these say has to be checked too: a row alone is not enough.
    case .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .scope, .tag, .types,
      .local, .global, .table, .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable,
      .heapType, .typeAndField, .typeAndCount, .typeAndData, .typeAndElement, .typeAndType, .cast:
      return
    }
    guard let signature = info.signature else { return }
    precondition(signature.operands.count <= 4 && signature.results.count <= 2)
    isFixed = true
    if laneCount > 0 { hasMoreToCheck = true }
    for type in signature.operands {
      operands = operands << 8 | UInt32(type?.byte ?? 0)
      addressOperands = addressOperands << 8 | (type == nil ? 1 : 0)
    }
    for type in signature.results.reversed() {
      results = results << 8 | UInt16(type?.byte ?? 0)
      addressResults = addressResults << 8 | (type == nil ? 1 : 0)
    }
    precondition(accessesMemory || addressOperands == 0 && addressResults == 0)
  }
}
