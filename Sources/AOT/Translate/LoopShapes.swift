import Speculation
import Wasm

/// Summarizes the contents of each loop of a function, to decide whether to peel the loop.
struct LoopShapes {
  struct Shape {
    /// Wasm bytes.
    var size = 0
    /// Whether it contains another loop.
    var hasLoop = false
    /// Whether it changes memory, tables or globals, calls aside.
    var hasEffect = false
    /// Byte offsets.
    var calls: [Int] = []
    /// The calls that are in inner loops.
    var callsInLoops: Set<Int> = []
  }

  /// The whole body, and each loop by the offset of its `loop` instruction.
  private(set) var body = Shape()
  private(set) var loops: [Int: Shape] = [:]

  init(module: Module, function: Int) throws(CompileError) {
    var walker = BodyWalker(module, function: function)
    body.size = module.functions[function].body.count
    while try walker.nextToCompile() {
      let (opcode, offset) = (walker.instruction.opcode, walker.instruction.offset)
      let around = walker.blocks.lazy.filter(\.isLoop).map(\.offset)
      let effects = opcode.effects
      if opcode == .loop {
        body.hasLoop = true
        for loop in around { loops[loop]?.hasLoop = true }
        loops[offset] = Shape()
      } else if opcode.control.contains(.closesBlock) {
        if let block = walker.blocks.last, block.isLoop {
          loops[block.offset]?.size = offset - block.offset
        }
      } else if effects.contains(.calls) {
        body.calls.append(offset)
        if walker.loopDepth > 0 { body.callsInLoops.insert(offset) }
        var remaining = walker.loopDepth
        for loop in around {
          remaining -= 1
          loops[loop]?.calls.append(offset)
          if remaining > 0 { loops[loop]?.callsInLoops.insert(offset) }
        }
      } else if !effects.isDisjoint(with: .writes) {
        body.hasEffect = true
        for loop in around { loops[loop]?.hasEffect = true }
      }
    }
  }
}
