/// What validating a function's body tells of it, unreachable code included.
struct BodyFacts: Sendable {
  /// Greatest height of the operand stack, in values.
  var maxOperandHeight = 0
  /// Whether any local or operand is a vector.
  var hasVectors = false
}

/// Validates function bodies (spec 3.4, with the algorithm of appendix A.3). One validator serves all
/// functions of a module, so that its stacks are allocated once.
struct FunctionValidator {
  /// Parameters or results.
  enum Types {
    case none
    case one(ValueType)
    /// Two or more, in ``typeList``.
    case run(start: UInt32, count: UInt32)

    var count: Int {
      switch self {
      case .none: 0
      case .one: 1
      case .run(_, let count): Int(count)
      }
    }
  }

  /// An open block (spec A.3: a control frame).
  struct Control {
    var opcode: Opcode
    var start: Types
    var end: Types
    /// Of the operand stack beneath the block's parameters.
    var height: Int
    var isUnreachable: Bool
    /// Offset of the last br_table that was checked against this block.
    var lastTable: Int
    /// Of ``initialized`` when the block began.
    var initializedCount = 0

    /// What a branch here takes.
    var label: Types { opcode == .loop ? start : end }
  }

  let module: Module
  let rows = TypingRow.all
  /// By type index; nil for what is no function type.
  private let signatures: [(start: Types, end: Types)?]
  /// The types of all signatures one after the other.
  let typeList: [ValueType]
  /// Functions that bodies may refer to: those that occur outside of bodies (spec 3.5.14).
  let declared: [Bool]

  var operands: [ValueType] = []
  var controls: [Control] = []
  private var locals = LocalTypes()
  /// Locals without a default that were set in the open blocks, in that order (spec 3.0 A.3, `inits`).
  var initialized: [Int] = []
  private var isInitialized: Set<Int> = []
  var facts = BodyFacts()
  /// Of the innermost block: copies of its control's, for speed.
  var height = 0
  var isUnreachable = false
  /// Of the instruction at hand.
  private(set) var offset = 0

  init(_ module: Module) {
    self.module = module
    var list: [ValueType] = []
    func append(_ types: [ValueType]) -> Types {
      if types.count < 2 { return types.first.map { .one($0) } ?? .none }
      defer { list += types }
      return .run(start: UInt32(list.count), count: UInt32(types.count))
    }
    signatures = module.types.map { type in
      guard case .function(let type) = type.composite else { return nil }
      return (append(type.parameters), append(type.results))
    }
    typeList = list
    declared = Self.declaredFunctions(module)
  }

  private static func declaredFunctions(_ module: Module) -> [Bool] {
    var result = [Bool](repeating: false, count: module.functions.count)
    func declare(_ expression: ConstantExpression) {
      for case .refFunc(let index) in expression.steps { result[index] = true }
    }
    for export in module.exports where export.kind == .function { result[export.index] = true }
    for global in module.globals { if let value = global.initializer { declare(value) } }
    for value in module.tableInitializers.values { declare(value) }
    for segment in module.elements {
      for case .function(let index) in segment.items { result[index] = true }
    }
    return result
  }

  mutating func validate(_ function: Int) throws(WasmError) -> BodyFacts {
    let results = try signature(module.functions[function].typeIndex).end
    locals.load(module, function: function)
    operands.removeAll(keepingCapacity: true)
    controls.removeAll(keepingCapacity: true)
    forgetInitialized(from: 0)
    facts = BodyFacts(hasVectors: locals.hasVectors)
    height = 0
    isUnreachable = false
    controls.append(
      Control(
        opcode: .block, start: .none, end: results, height: 0, isUnreachable: false,
        lastTable: 0))
    var reader = InstructionReader(module, function: function)
    var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
    while try reader.next(&instruction) {
      offset = instruction.offset
      try check(instruction)
    }
    return facts
  }

  // MARK: Errors

  var mismatch: WasmError { .invalid("type mismatch", at: offset) }

  func unknown(_ what: String, _ index: Int) -> WasmError {
    .invalid("unknown \(what) \(index)", at: offset)
  }

  // MARK: Index spaces

  func blockTypes(_ type: BlockType) throws(WasmError) -> (start: Types, end: Types) {
    switch type {
    case .empty: return (.none, .none)
    case .value(let type): return (.none, .one(type))
    case .type(let index): return try signature(index)
    }
  }

  func signature(_ index: Int) throws(WasmError) -> (start: Types, end: Types) {
    guard index < signatures.count else { throw unknown("type", index) }
    guard let signature = signatures[index] else {
      throw .invalid("non-function type \(index)", at: offset)
    }
    return signature
  }

  func type(_ index: Int, of types: Types) -> ValueType {
    switch types {
    case .none: preconditionFailure("no type \(index)")
    case .one(let type): type
    case .run(let start, _): typeList[Int(start) + index]
    }
  }

  var functionResults: Types { controls[0].end }

  @inline(__always)
  func local(_ index: Int) throws(WasmError) -> ValueType {
    guard let type = locals[index] else { throw unknown("local", index) }
    return type
  }

  // MARK: Initialization of locals (spec 3.0 3.4, local.get and local.set)

  @inline(__always)
  func readableLocal(_ index: Int) throws(WasmError) -> ValueType {
    let type = try local(index)
    if !locals.haveDefaults { try checkInitialized(index, type) }
    return type
  }

  @inline(never)
  private func checkInitialized(_ index: Int, _ type: ValueType) throws(WasmError) {
    guard type.hasDefault || index < locals.parameterCount || isInitialized.contains(index) else {
      throw .invalid("uninitialized local \(index)", at: offset)
    }
  }

  @inline(__always)
  mutating func initialize(_ index: Int, _ type: ValueType) {
    guard !locals.haveDefaults, !type.hasDefault, isInitialized.insert(index).inserted else {
      return
    }
    initialized.append(index)
  }

  /// At the end of a block: what it set need not have been set on every way there.
  @inline(__always)
  mutating func forgetInitialized(from count: Int) {
    while initialized.count > count { isInitialized.remove(initialized.removeLast()) }
  }
}
