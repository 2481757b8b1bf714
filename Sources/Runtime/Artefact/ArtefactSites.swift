import Contract
import Wasm

/// What the artefact's tables can refer to in one function's body: its loops, and its calls with the
/// types on the operand stack. Only for bodies that passed validation.
struct BodySites {
  struct Call {
    enum Target {
      case function(Int)
      case indirect(typeIndex: Int, table: Int)
    }
    var target: Target
    /// From the bottom, the call's own operands included. Nil in code that validation shows unreachable, and where they are
    /// not wanted.
    var operands: [ValueType]?

    func type(in module: Module) -> FunctionType {
      switch target {
      case .function(let index): module.type(ofFunction: index)
      case .indirect(let typeIndex, _): module.types[typeIndex]
      }
    }
  }

  private(set) var calls: [Int: Call] = [:]
  private(set) var loops: Set<Int> = []

  /// - Parameters:
  ///   - offsets: the calls that are wanted.
  ///   - resumed: those of them whose operands are wanted as well.
  ///   - room: operands that may be kept.
  init(
    _ module: Module, function: Int, calls offsets: Set<Int>, withOperands resumed: Set<Int>,
    _ room: inout Int
  ) throws(ArtefactError) {
    var walk = OperandWalk(module, function: function)
    do throws(WasmError) {
      var reader = InstructionReader(module, function: function)
      while let instruction = try reader.next() {
        func operands() throws(WasmError) -> [ValueType]? {
          guard resumed.contains(instruction.offset), let types = walk.current else { return nil }
          room -= types.count
          guard room >= 0 else {
            throw WasmError(
              .limit, offset: instruction.offset, "frame states have too many operands")
          }
          return types
        }
        switch instruction.opcode {
        case .loop: loops.insert(instruction.offset)
        case .call where offsets.contains(instruction.offset):
          calls[instruction.offset] = Call(
            target: .function(instruction.index), operands: try operands())
        case .callIndirect where offsets.contains(instruction.offset):
          calls[instruction.offset] = Call(
            target: .indirect(typeIndex: instruction.index, table: instruction.index2),
            operands: try operands())
        default: break
        }
        try walk.step(instruction)
      }
    } catch {
      throw ArtefactError(
        .corrupt, error.message, section: ArtefactSection.module.rawValue, offset: error.offset)
    }
  }
}

/// The types on the operand stack from instruction to instruction of a valid body. Follows the
/// validation algorithm (spec appendix A.3), without its checks, and skips unreachable code.
private struct OperandWalk {
  private struct Control {
    var height: Int
    var type: FunctionType
  }

  private let module: Module
  private let locals: [ValueType]
  private var stack: [ValueType] = []
  private var controls: [Control]
  private var isReachable = true
  /// Constructs opened in unreachable code.
  private var skipped = 0

  init(_ module: Module, function: Int) {
    self.module = module
    locals = module.localTypes(ofFunction: function)
    let results = module.type(ofFunction: function).results
    controls = [Control(height: 0, type: FunctionType([], results))]
  }

  /// Nil in unreachable code.
  var current: [ValueType]? { isReachable ? stack : nil }

  mutating func step(_ i: Instruction) throws(WasmError) {
    guard isReachable else { return skip(i) }
    let info = i.opcode.info
    if let (operands, results) = info.signature {
      try pop(operands.count, i)
      // Memories have 32-bit addresses.
      for type in results { stack.append(type ?? .i32) }
      return
    }
    switch i.opcode {
    case .block, .loop: try open(i)
    case .if:
      try pop(1, i)
      try open(i)
    case .else: startElse()
    case .end: close()
    case .br, .brTable, .return, .unreachable: isReachable = false
    case .brIf, .drop, .localSet, .globalSet: try pop(1, i)
    case .localGet: stack.append(locals[i.index])
    case .localTee: break
    case .globalGet: stack.append(module.globals[i.index].type.value)
    case .call: try apply(module.type(ofFunction: i.index), i)
    case .callIndirect:
      try pop(1, i)
      try apply(module.types[i.index], i)
    // Both operands have one type, and the lower becomes the result.
    case .select, .selectT: try pop(2, i)
    case .tableGet:
      try pop(1, i)
      stack.append(module.tables[i.index].element)
    case .tableSet: try pop(2, i)
    case .tableSize: stack.append(.i32)
    case .tableGrow:
      try pop(2, i)
      stack.append(.i32)
    case .tableFill, .tableCopy, .tableInit, .memoryCopy, .memoryFill, .memoryInit: try pop(3, i)
    case .refNull: stack.append(i.selectType)
    case .refIsNull:
      try pop(1, i)
      stack.append(.i32)
    case .refFunc: stack.append(.funcref)
    default:
      throw WasmError(
        .unsupported(info.feature), offset: i.offset,
        "\(info.mnemonic) is not supported in artefacts")
    }
  }

  private mutating func pop(_ count: Int, _ i: Instruction) throws(WasmError) {
    guard count <= stack.count else {
      throw WasmError(.invalid, offset: i.offset, "operand stack underflow")
    }
    stack.removeLast(count)
  }

  private mutating func apply(_ type: FunctionType, _ i: Instruction) throws(WasmError) {
    try pop(type.parameters.count, i)
    stack += type.results
  }

  private mutating func open(_ i: Instruction) throws(WasmError) {
    let type =
      switch i.blockType {
      case .empty: FunctionType([], [])
      case .value(let value): FunctionType([], [value])
      case .type(let index): module.types[index]
      }
    try pop(type.parameters.count, i)
    controls.append(Control(height: stack.count, type: type))
    stack += type.parameters
  }

  private mutating func restart(_ control: Control, _ types: [ValueType]) {
    stack.removeLast(max(0, stack.count - control.height))
    stack += types
    isReachable = true
  }

  private mutating func startElse() {
    guard let control = controls.last else { return }
    restart(control, control.type.parameters)
  }

  private mutating func close() {
    guard let control = controls.popLast() else { return }
    restart(control, control.type.results)
  }

  private mutating func skip(_ i: Instruction) {
    switch i.opcode {
    case .block, .loop, .if: skipped += 1
    case .else where skipped == 0: startElse()
    case .end:
      if skipped == 0 { close() } else { skipped -= 1 }
    default: break
    }
  }
}
