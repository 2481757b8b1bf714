/// Validates function bodies (spec 3.4, with the algorithm of appendix A.3). One validator serves all
/// functions of a module, so that its stacks are allocated once.
///
/// Types are bytes here: a ``ValueType``'s raw value, or ``bottom`` for an operand of unreachable code that
/// fits every type.
struct FunctionValidator {
  static let bottom: UInt8 = 0

  /// A run of types in ``typeList``.
  struct Types {
    var start: UInt32
    var count: UInt32

    static let none = Types(start: 0, count: 0)
    var range: Range<Int> { Int(start)..<Int(start + count) }
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

    /// What a branch here takes.
    var label: Types { opcode == .loop ? start : end }
  }

  let module: Module
  let rows = TypingRow.all
  private let signatures: [(parameters: Types, results: Types)]
  /// The types of all signatures one after the other, behind one entry for each value type.
  let typeList: [UInt8]
  /// Functions that bodies may refer to: those that occur outside of bodies (spec 3.5.14).
  let declared: [Bool]

  var operands: [UInt8] = []
  var controls: [Control] = []
  private var locals = LocalTypes()
  var maxHeight = 0
  /// Of the innermost block: copies of its control's, for speed.
  var height = 0
  var isUnreachable = false
  /// Of the instruction at hand.
  private(set) var offset = 0

  init(_ module: Module) {
    self.module = module
    var list = ValueType.allCases.map(\.rawValue)
    var signatures: [(Types, Types)] = []
    func append(_ types: [ValueType]) -> Types {
      defer { list.append(contentsOf: types.map(\.rawValue)) }
      return Types(start: UInt32(list.count), count: UInt32(types.count))
    }
    for type in module.types { signatures.append((append(type.parameters), append(type.results))) }
    self.signatures = signatures
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
    for segment in module.elements {
      for case .function(let index) in segment.items { result[index] = true }
    }
    return result
  }

  /// - Returns: the greatest height of the operand stack, unreachable code included.
  mutating func validate(_ function: Int) throws(WasmError) -> Int {
    let signature = signatures[module.functions[function].typeIndex]
    locals.load(module, function: function)
    operands.removeAll(keepingCapacity: true)
    controls.removeAll(keepingCapacity: true)
    maxHeight = 0
    height = 0
    isUnreachable = false
    controls.append(
      Control(
        opcode: .block, start: .none, end: signature.results, height: 0, isUnreachable: false,
        lastTable: 0))
    var reader = InstructionReader(module, function: function)
    var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
    while try reader.next(&instruction) {
      offset = instruction.offset
      try check(instruction)
    }
    return maxHeight
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
    case .value(let type): return (.none, Types(start: UInt32(type.listIndex), count: 1))
    case .type(let index): return try signature(index)
    }
  }

  func signature(_ index: Int) throws(WasmError) -> (start: Types, end: Types) {
    guard index < signatures.count else { throw unknown("type", index) }
    return (signatures[index].parameters, signatures[index].results)
  }

  var functionResults: Types { controls[0].end }

  @inline(__always)
  func local(_ index: Int) throws(WasmError) -> UInt8 {
    guard let type = locals[index] else { throw unknown("local", index) }
    return type
  }
}

extension ValueType {
  /// Position in ``FunctionValidator``'s type list, that is in `allCases`.
  fileprivate var listIndex: Int {
    switch self {
    case .i32: 0
    case .i64: 1
    case .f32: 2
    case .f64: 3
    case .v128: 4
    case .funcref: 5
    case .externref: 6
    }
  }
}
