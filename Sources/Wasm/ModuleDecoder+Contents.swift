/// The sections with contents (spec 5.5.12 to 5.5.16) and the constant expressions in them.
extension ModuleDecoder {
  // MARK: Constant expressions

  mutating func readConstant(_ input: inout ModuleReader) throws(WasmError) -> ConstantExpression {
    if let constant = readInteger(&input) { return constant }
    var reader = InstructionReader(continuing: input)
    var steps: [ConstantExpression.Step] = []
    while let instruction = try reader.next() {
      places.steps.append(instruction.offset)
      if reader.depth == 0 { break }
      guard let step = ConstantExpression.Step(instruction) else {
        throw .invalid("constant expression required", at: instruction.offset)
      }
      steps.append(step)
    }
    input = reader.input
    return ConstantExpression(steps)
  }

  /// `i32.const n end`, as most constants are: decoding the table of all opcodes for these would be most of the work of
  /// loading a small module that has machine code.
  /// - Returns: nil, with nothing read, for anything else.
  private mutating func readInteger(_ input: inout ModuleReader) -> ConstantExpression? {
    let (constant, end): (UInt8, UInt8) = (0x41, 0x0B)
    var rest = input
    guard (try? rest.byte()) == constant, let value = try? rest.signed(bits: 32),
      (try? rest.peek()) == end
    else { return nil }
    places.steps += [input.position, rest.position]
    _ = try? rest.byte()
    input = rest
    return ConstantExpression([.constant(.i32, UInt64(bitPattern: value) & 0xFFFF_FFFF)])
  }

  // MARK: Elements

  /// Bit 0: not active. Bit 1: an explicit table, or declarative. Bit 2: expressions, not indices.
  mutating func readElements(_ input: inout ModuleReader) throws(WasmError) {
    let limit = ImplementationLimits.elementSegments
    for _ in 0..<(try input.count(limit: limit, of: "element segments")) {
      let start = input.position
      places.elements.append(start)
      let flags = try input.u32()
      guard flags < 8 else { throw .malformed("malformed elements segment kind", at: start) }
      if flags != 0 { try input.require(.bulkMemory, for: "an element segment", at: start) }
      let mode: SegmentMode
      if flags & 1 == 0 {
        let table = flags & 2 == 0 ? 0 : try input.index()
        mode = .active(index: table, offset: try readConstant(&input))
      } else {
        mode = flags & 2 == 0 ? .passive : .declarative
      }
      let hasType = flags & 3 != 0
      let type = try readElementType(&input, isExpression: flags & 4 != 0, hasType: hasType)
      let items = try readItems(&input, type, areExpressions: flags & 4 != 0)
      module.elements.append(ElementSegment(type: type, mode: mode, items: items))
    }
  }

  private func readElementType(
    _ input: inout ModuleReader, isExpression: Bool, hasType: Bool
  ) throws(WasmError) -> ValueType {
    guard hasType else { return isExpression ? .funcref : Self.functions }
    if isExpression { return try input.referenceType() }
    let start = input.position
    guard try input.byte() == 0 else { throw .malformed("malformed element kind", at: start) }
    return Self.functions
  }

  /// Of segments of function indices, none of which can be null (spec 3.0 5.5, element section).
  private static let functions = ValueType.reference(isNullable: false, .abstract(.func))

  private mutating func readItems(
    _ input: inout ModuleReader, _ type: ValueType, areExpressions: Bool
  ) throws(WasmError) -> ElementItems {
    let count = try input.count(limit: ImplementationLimits.tableSize, of: "elements")
    places.items.append(.init(start: input.position, areExpressions: areExpressions))
    var items = ElementItems()
    items.reserveCapacity(min(count, input.remaining))
    for _ in 0..<count {
      items.append(areExpressions ? try readItem(&input, type) : .function(try input.index()))
    }
    return items
  }

  private mutating func readItem(_ input: inout ModuleReader, _ type: ValueType) throws(WasmError)
    -> ElementItem
  {
    let first = places.steps.count
    let item = ElementItem(try readConstant(&input), in: type)
    if case .expression = item { return item }
    places.steps.removeSubrange(first...)
    return item
  }

  // MARK: Code

  mutating func readCode(_ input: inout ModuleReader) throws(WasmError) {
    let start = input.position
    module.codeStart = start
    let count = try input.index()
    let base = module.importedFunctionCount
    guard count == module.functions.count - base else {
      throw .malformed("function and code section have inconsistent lengths", at: start)
    }
    for index in 0..<count {
      let size = try input.count(limit: ImplementationLimits.functionSize, of: "bytes of code")
      let entry = try input.skip(size)
      try readEntry(entry, function: base + index)
    }
  }

  private mutating func readEntry(_ entry: Range<Int>, function: Int) throws(WasmError) {
    var input = ModuleReader(module, entry)
    var total: UInt64 = 0
    var groups: [(count: Int, type: ValueType)] = []
    let start = input.position
    for _ in 0..<(try input.index()) {
      let count = try input.u32()
      total += UInt64(count)
      guard total <= UInt64(UInt32.max) else { throw .malformed("too many locals", at: start) }
      groups.append((Int(count), try input.valueType()))
    }
    // A bad type index is for validation to find.
    var locals = Int(total)
    let type = module.functions[function].typeIndex
    if type < module.types.count, case .function(let type) = module.types[type].composite {
      locals += type.parameters.count
    }
    guard locals <= ImplementationLimits.locals else {
      throw .limit("\(locals) locals, the limit is \(ImplementationLimits.locals)", at: start)
    }
    module.functions[function].localGroups = groups
    module.functions[function].code = entry
    module.functions[function].body = input.position..<entry.upperBound
  }

  // MARK: Data

  mutating func readData(_ input: inout ModuleReader) throws(WasmError) {
    let limit = ImplementationLimits.dataSegments
    for _ in 0..<(try input.count(limit: limit, of: "data segments")) {
      let start = input.position
      places.data.append(start)
      let flags = try input.u32()
      guard flags < 3 else { throw .malformed("malformed data segment kind", at: start) }
      if flags != 0 { try input.require(.bulkMemory, for: "a data segment", at: start) }
      var mode = SegmentMode.passive
      if flags != 1 {
        let memory = flags == 2 ? try input.index() : 0
        mode = .active(index: memory, offset: try readConstant(&input))
      }
      let size = try input.index()
      module.data.append(DataSegment(mode: mode, bytes: try input.skip(size)))
    }
  }
}

extension ConstantExpression.Step {
  /// Nil for an instruction that is not constant (spec 3.4.12).
  init?(_ instruction: Instruction) {
    switch instruction.opcode {
    case .i32Const: self = .constant(.i32, instruction.bits & 0xFFFF_FFFF)
    case .i64Const: self = .constant(.i64, instruction.bits)
    case .f32Const: self = .constant(.f32, instruction.bits)
    case .f64Const: self = .constant(.f64, instruction.bits)
    case .v128Const: self = .vector(instruction.vector)
    case .globalGet: self = .globalGet(instruction.index)
    case .refNull: self = .refNull(instruction.selectType)
    case .refFunc: self = .refFunc(instruction.index)
    case .i32Add: self = .i32Add
    case .i32Sub: self = .i32Sub
    case .i32Mul: self = .i32Mul
    case .i64Add: self = .i64Add
    case .i64Sub: self = .i64Sub
    case .i64Mul: self = .i64Mul
    default: return nil
    }
  }
}
