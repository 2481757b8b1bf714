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
  private(set) var controls: [Control] = []
  private var locals = LocalTypes()
  private var maxHeight = 0
  /// Of the innermost block: a copy, for speed.
  private var height = 0
  private(set) var isUnreachable = false
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
    for segment in module.elements { segment.items.forEach(declare) }
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
    while let instruction = try reader.next() {
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

  // MARK: Operands

  @inline(__always)
  mutating func push(_ type: UInt8) {
    operands.append(type)
    if operands.count > maxHeight { maxHeight = operands.count }
  }

  @inline(__always)
  mutating func push(_ type: ValueType) { push(type.rawValue) }

  mutating func push(_ types: Types) {
    for index in types.range { push(typeList[index]) }
  }

  /// Any operand.
  @inline(__always)
  mutating func pop() throws(WasmError) -> UInt8 {
    guard operands.count > height else {
      guard isUnreachable else { throw mismatch }
      return Self.bottom
    }
    return operands.removeLast()
  }

  @inline(__always)
  mutating func pop(_ expected: UInt8) throws(WasmError) {
    let actual = try pop()
    guard actual == expected || actual == Self.bottom else { throw mismatch }
  }

  @inline(__always)
  mutating func pop(_ expected: ValueType) throws(WasmError) { try pop(expected.rawValue) }

  mutating func pop(_ types: Types) throws(WasmError) {
    for index in types.range.reversed() { try pop(typeList[index]) }
  }

  /// Checks the operands on top without popping them: spec A.3's push(pop(types)).
  func checkTop(_ types: Types) throws(WasmError) {
    var position = operands.count
    for index in types.range.reversed() {
      guard position > height else {
        guard isUnreachable else { throw mismatch }
        return
      }
      position -= 1
      let actual = operands[position]
      guard actual == typeList[index] || actual == Self.bottom else { throw mismatch }
    }
  }

  // MARK: Blocks

  mutating func open(_ opcode: Opcode, _ start: Types, _ end: Types) throws(WasmError) {
    try checkNesting(controls.count - 1, at: offset)
    try pop(start)
    controls.append(
      Control(
        opcode: opcode, start: start, end: end, height: operands.count, isUnreachable: false,
        lastTable: 0))
    height = operands.count
    isUnreachable = false
    push(start)
  }

  /// Closes the innermost block, its results popped.
  mutating func close() throws(WasmError) -> Control {
    let control = controls[controls.count - 1]
    try pop(control.end)
    guard operands.count == height else { throw mismatch }
    controls.removeLast()
    if let outer = controls.last {
      height = outer.height
      isUnreachable = outer.isUnreachable
    }
    return control
  }

  mutating func setUnreachable() {
    operands.removeSubrange(height...)
    isUnreachable = true
    controls[controls.count - 1].isUnreachable = true
  }

  func label(_ depth: Int) throws(WasmError) -> Types {
    guard depth < controls.count else { throw unknown("label", depth) }
    return controls[controls.count - 1 - depth].label
  }

  /// Whether this is the first time that the br_table at hand names the label.
  mutating func visit(_ depth: Int) -> Bool {
    let index = controls.count - 1 - depth
    defer { controls[index].lastTable = offset }
    return controls[index].lastTable != offset
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

/// Types of a function's locals. Only the first are expanded: a few bytes can declare 50,000.
struct LocalTypes {
  private static let expandedLimit = 256
  private var expanded: [UInt8] = []
  /// Locals up to and with each group, parameters counted.
  private var ends: [Int] = []
  private var types: [UInt8] = []
  private var parameters: [ValueType] = []

  mutating func load(_ module: Module, function: Int) {
    expanded.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    parameters = module.type(ofFunction: function).parameters
    for type in parameters.prefix(Self.expandedLimit) { expanded.append(type.rawValue) }
    var end = parameters.count
    for group in module.functions[function].localGroups {
      end += group.count
      ends.append(end)
      types.append(group.type.rawValue)
      let room = Self.expandedLimit - expanded.count
      expanded.append(contentsOf: repeatElement(group.type.rawValue, count: min(room, group.count)))
    }
  }

  @inline(__always)
  subscript(index: Int) -> UInt8? {
    index < expanded.count ? expanded[index] : find(index)
  }

  @inline(never)
  private func find(_ index: Int) -> UInt8? {
    if index < parameters.count { return parameters[index].rawValue }
    let group = ends.partitioningIndex { $0 > index }
    return group < types.count ? types[group] : nil
  }
}
