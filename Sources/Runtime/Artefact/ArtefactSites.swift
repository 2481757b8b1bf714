import Contract
import Wasm

/// The parts of a function's body that the artefact's tables can refer to: its loops, branches and calls, and the types on the
/// operand stack where frames resume. The body must be valid.
struct BodySites {
  struct Site {
    enum Target {
      case function(Int)
      case indirect(typeIndex: Int)

      func type(in module: Module) -> FunctionType {
        switch self {
        case .function(let index): module.type(ofFunction: index)
        case .indirect(let typeIndex): module.functionType(typeIndex)
        }
      }
    }
    /// Calls only.
    var target: Target?
    /// Whether the instruction is a branch with several ways.
    var isBranch = false
    /// From the bottom, including the instruction's own operands. Nil if validation proves the code unreachable, or if the
    /// operands were not requested.
    var operands: [ValueType]?
  }

  /// The requested instructions by byte offset.
  private(set) var sites: [Int: Site] = [:]
  private(set) var loops: Set<Int> = []

  /// - Parameters:
  ///   - offsets: the requested instructions.
  ///   - resumed: those among them whose operands are requested as well.
  ///   - room: the remaining number of operands that may be kept.
  init(
    _ module: Module, function: Int, at offsets: Set<Int>, withOperands resumed: Set<Int>,
    _ room: inout Int
  ) throws(ArtefactError) {
    var stack = OperandTypes(module, function: function)
    do throws(WasmError) {
      var walker = BodyWalker(module, function: function)
      while try walker.next() {
        let instruction = walker.instruction
        if instruction.opcode == .loop { loops.insert(instruction.offset) }
        if offsets.contains(instruction.offset) {
          var site = Site()
          site.target = instruction.callee.map(Site.Target.init)
          site.isBranch = [.if, .brIf, .brTable, .brOnNull, .brOnNonNull].contains(
            instruction.opcode)
          if walker.isReachable, resumed.contains(instruction.offset) {
            room -= stack.types.count
            guard room >= 0 else {
              throw WasmError(
                .limit, offset: instruction.offset, "frame states have too many operands")
            }
            site.operands = stack.types
          }
          sites[instruction.offset] = site
        }
        try stack.pass(walker)
      }
    } catch {
      throw ArtefactError(
        .corrupt, error.message, section: ArtefactSection.module.rawValue, offset: error.offset)
    }
  }
}

extension BodySites.Site.Target {
  fileprivate init(_ callee: Instruction.Callee) {
    switch callee {
    case .function(let index): self = .function(index)
    case .table(_, let typeIndex), .reference(let typeIndex):
      self = .indirect(typeIndex: typeIndex)
    }
  }
}

extension Instruction {
  fileprivate var isUnsupportedInArtefacts: WasmError {
    let info = opcode.info
    return WasmError(
      .unsupported(info.feature), offset: offset, "\(info.mnemonic) is not supported in artefacts")
  }
}

/// Tracks the types on the operand stack through a valid body. Follows the validation algorithm (spec appendix A.3) without its
/// checks, and skips unreachable code.
private struct OperandTypes {
  private struct Block {
    /// Height of the operand stack below the block's parameters.
    var height: Int
    var type: FunctionType
  }

  private let module: Module
  private let locals: [ValueType]
  /// From the bottom; meaningless in unreachable code.
  private(set) var types: [ValueType] = []
  /// By ``BodyWalker/Block/number``; nil for blocks in unreachable code.
  private var blocks: [Block?] = []

  init(_ module: Module, function: Int) {
    self.module = module
    locals = module.localTypes(ofFunction: function)
  }

  /// Must be called for every instruction in order, including unreachable code.
  mutating func pass(_ walker: BodyWalker) throws(WasmError) {
    let i = walker.instruction
    let control = i.opcode.control
    if control.contains(.opensBlock) {
      blocks.append(walker.isReachable ? try open(i) : nil)
    } else if control.contains(.dividesBlock) {
      if let block = enclosing(walker) { restart(block, startOfPart(i, of: block)) }
    } else if control.contains(.closesBlock) {
      if let block = enclosing(walker) { restart(block, block.type.results) }
    } else if walker.isReachable, !control.contains(.neverContinues) {
      try apply(i)
    }
  }

  /// What an arm of a legacy `try` starts with is the exception, which it may throw again, and the values.
  private func startOfPart(_ i: Instruction, of block: Block) -> [ValueType] {
    switch i.opcode {
    case .catch: [.exnref] + module.functionType(module.tags[i.index].typeIndex).parameters
    case .catchAll: [.exnref]
    default: block.type.parameters
    }
  }

  private func enclosing(_ walker: BodyWalker) -> Block? {
    walker.blocks.last.flatMap { blocks[$0.number] }
  }

  private mutating func apply(_ i: Instruction) throws(WasmError) {
    if let (operands, results) = i.opcode.info.signature {
      try pop(operands.count, i)
      // Of the memory that the instruction names first.
      for type in results { types.append(type ?? module.memories[i.index].addressType) }
      return
    }
    switch i.opcode {
    case .brIf, .drop, .localSet, .globalSet, .brOnNonNull: try pop(1, i)
    case .localGet: types.append(locals[i.index])
    // Not being null is no matter of representation.
    case .localTee, .brOnNull, .refAsNonNull: break
    case .globalGet: types.append(module.globals[i.index].type.value)
    case .call: try apply(module.type(ofFunction: i.index), i)
    case .callIndirect, .callRef:
      try pop(1, i)
      try apply(module.functionType(i.index), i)
    // Both operands have the same type, and the lower one's entry becomes the result.
    case .select, .selectT: try pop(2, i)
    case .tableGet:
      try pop(1, i)
      types.append(module.tables[i.index].element)
    case .tableSet: try pop(2, i)
    case .tableSize: types.append(module.tables[i.index].addressType)
    case .tableGrow:
      try pop(2, i)
      types.append(module.tables[i.index].addressType)
    case .tableFill, .tableCopy, .tableInit, .memoryCopy, .memoryFill, .memoryInit: try pop(3, i)
    case .refNull: types.append(i.selectType)
    case .refIsNull:
      try pop(1, i)
      types.append(.i32)
    case .refFunc: types.append(.funcref)
    default: throw i.isUnsupportedInArtefacts
    }
  }

  private mutating func pop(_ count: Int, _ i: Instruction) throws(WasmError) {
    guard count <= types.count else {
      throw WasmError(.invalid, offset: i.offset, "operand stack underflow")
    }
    types.removeLast(count)
  }

  private mutating func apply(_ type: FunctionType, _ i: Instruction) throws(WasmError) {
    try pop(type.parameters.count, i)
    types += type.results
  }

  private mutating func open(_ i: Instruction) throws(WasmError) -> Block {
    let type =
      switch i.blockType {
      case .empty: FunctionType([], [])
      case .value(let value): FunctionType([], [value])
      case .type(let index): module.functionType(index)
      }
    if i.opcode == .if { try pop(1, i) }
    try pop(type.parameters.count, i)
    defer { types += type.parameters }
    return Block(height: types.count, type: type)
  }

  private mutating func restart(_ block: Block, _ top: [ValueType]) {
    types.removeLast(max(0, types.count - block.height))
    types += top
  }
}
