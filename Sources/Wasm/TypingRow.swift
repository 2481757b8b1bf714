/// A fixed signature, in the form the validator applies quickest.
struct TypingRow {
  /// Three at most, the last in the lowest byte: in the order in which they are popped.
  var operands: UInt32 = 0
  /// 0: none.
  var result: UInt8 = 0
  var naturalAlignment = 0
  /// Whether the type follows from the row alone.
  var isFixed = false
  var accessesMemory = false

  /// By ordinal.
  static let all = OpcodeTable.infos.map { TypingRow($0) }

  private init(_ info: OpcodeInfo) {
    if case .memoryArgument(let alignment) = info.immediate {
      naturalAlignment = alignment.trailingZeroBitCount
      accessesMemory = true
    }
    if info.immediate == .memory { accessesMemory = true }
    guard let signature = info.signature else { return }
    precondition(signature.operands.count <= 3 && signature.results.count <= 1)
    isFixed = true
    // Memories have 32-bit addresses: others are refused by the decoder.
    for type in signature.operands { operands = operands << 8 | UInt32((type ?? .i32).rawValue) }
    if let type = signature.results.first { result = (type ?? .i32).rawValue }
  }
}
