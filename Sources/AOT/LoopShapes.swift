import Speculation
import Wasm

/// What there is inside of each loop of a function, as far as it tells whether to peel the loop.
struct LoopShapes {
  struct Shape {
    /// Wire bytes.
    var size = 0
    /// Whether it contains another loop.
    var hasLoop = false
    /// Anything that changes memory, tables or globals; calls aside.
    var hasEffect = false
    /// Byte offsets.
    var calls: [Int] = []
    /// Those of them in loops that it contains.
    var callsInLoops: Set<Int> = []
  }

  /// The whole body first, then by the `loop` instruction.
  private(set) var body = Shape()
  private(set) var loops: [Int: Shape] = [:]

  init(module: Module, function: Int) throws(CompileError) {
    var reader = InstructionReader(module, function: function)
    // Open blocks; for loops where they start.
    var open: [Int?] = []
    var inside: [Int] = []
    body.size = module.functions[function].body.count
    while let i = try reader.nextToCompile() {
      switch i.opcode {
      case .block, .if: open.append(nil)
      case .loop:
        body.hasLoop = true
        for loop in inside { loops[loop]?.hasLoop = true }
        loops[i.offset] = Shape()
        open.append(i.offset)
        inside.append(i.offset)
      case .end:
        guard let start = open.popLast() ?? nil else { continue }
        loops[start]?.size = i.offset - start
        inside.removeLast()
      case .call, .callIndirect:
        body.calls.append(i.offset)
        if !inside.isEmpty { body.callsInLoops.insert(i.offset) }
        for loop in inside {
          loops[loop]?.calls.append(i.offset)
          if loop != inside.last { loops[loop]?.callsInLoops.insert(i.offset) }
        }
      default:
        guard Self.hasEffect(i.opcode) else { continue }
        body.hasEffect = true
        for loop in inside { loops[loop]?.hasEffect = true }
      }
    }
  }

  private static func hasEffect(_ opcode: Opcode) -> Bool {
    let info = opcode.info
    switch info.immediate {
    case .memoryArgument, .memoryArgumentAndLane: return info.signature?.results.isEmpty ?? true
    case .global: return opcode != .globalGet
    case .table: return opcode != .tableGet && opcode != .tableSize
    case .memory: return opcode != .memorySize
    case .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable, .data, .element:
      return true
    default: return false
    }
  }
}
