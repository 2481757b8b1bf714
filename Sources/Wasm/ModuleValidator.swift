/// Validates everything but function bodies (spec 3.5).
///
/// Runs whenever an artefact is loaded, which takes a few milliseconds. It therefore avoids generic types that the process
/// would not use otherwise: the runtime searches all conformances for each.
struct ModuleValidator {
  private let module: Module
  private let places: ModulePlaces
  /// How many of `places.steps` were consumed: constants are visited in the order of their decoding.
  private var step = 0

  init(_ module: Module, _ places: ModulePlaces) {
    self.module = module
    self.places = places
  }

  consuming func validate() throws(WasmError) {
    try checkTypes()
    for (index, place) in places.imports.enumerated() {
      try check(module.imports[index].type, at: place)
    }
    for (index, place) in places.functions.enumerated() {
      let function = module.functions[module.importedFunctionCount + index]
      try checkType(function.typeIndex, at: place)
    }
    for (index, place) in places.tables.enumerated() {
      let table = module.tables[module.importedTableCount + index]
      try check(table, at: place)
      if let initializer = module.tableInitializers[module.importedTableCount + index] {
        try check(initializer, is: table.element, globals: module.importedGlobalCount)
      } else if !table.element.hasDefault {
        throw .invalid("type mismatch", at: place)
      }
    }
    for (index, place) in places.memories.enumerated() {
      try check(module.memories[module.importedMemoryCount + index], at: place)
    }
    for (index, place) in places.tags.enumerated() {
      try check(module.tags[module.importedTagCount + index], at: place)
    }
    for index in module.globals.indices.dropFirst(module.importedGlobalCount) {
      let global = module.globals[index]
      guard let initializer = global.initializer else { continue }
      try check(initializer, is: global.type.value, globals: index)
    }
    try checkExports()
    try checkStart()
    for index in module.elements.indices { try checkElements(index) }
    for (index, place) in places.data.enumerated() { try check(module.data[index], at: place) }
  }

  // MARK: Types

  private func check(_ type: ExternalType, at place: Int) throws(WasmError) {
    switch type {
    case .function(let index): try checkType(index, at: place)
    case .table(let type): try check(type, at: place)
    case .memory(let type): try check(type, at: place)
    case .global: break
    case .tag(let type): try check(type, at: place)
    }
  }

  private func check(_ type: TagType, at place: Int) throws(WasmError) {
    try checkType(type.typeIndex, at: place)
    guard module.functionType(type.typeIndex).results.isEmpty else {
      throw .invalid("non-empty tag result type", at: place)
    }
  }

  /// Of a function.
  private func checkType(_ index: Int, at place: Int) throws(WasmError) {
    guard index < module.types.count else { throw .invalid("unknown type \(index)", at: place) }
    guard case .function = module.types[index].composite else {
      throw .invalid("non-function type \(index)", at: place)
    }
  }

  /// Declared supertypes (spec 3.0 3.2, recursive types). That types only refer to what is there was seen when they were read.
  private func checkTypes() throws(WasmError) {
    let types = module.types
    for (index, place) in places.types.enumerated() {
      let type = types[index]
      guard let supertype = type.subType.supertype else { continue }
      guard !types[supertype].subType.isFinal,
        types.matches(type.composite, types[supertype].composite)
      else {
        throw .invalid("sub type \(index) does not match super type \(supertype)", at: place)
      }
      guard type.depth <= ImplementationLimits.subtypingDepth else {
        throw .limit(
          "supertypes \(type.depth) deep, the limit is \(ImplementationLimits.subtypingDepth)",
          at: place)
      }
    }
  }

  private func check(_ type: TableType, at place: Int) throws(WasmError) {
    let most = type.addressType.maximumAddress
    try check(
      type.limits, bound: most, at: place, tooLarge: "table size must be at most \(most) elements")
  }

  private func check(_ type: MemoryType, at place: Int) throws(WasmError) {
    guard type.pageSize == 1 || type.pageSizeExponent == MemoryType.standardPageSizeExponent else {
      throw .invalid("invalid custom page size", at: place)
    }
    let most = type.maximumPageCount
    let size =
      type.pageSize == 1
      ? "\(most) bytes" : "\(most) pages (\(most >> (30 - UInt64(type.pageSizeExponent)))GiB)"
    try check(
      type.limits, bound: most, at: place, tooLarge: "memory size must be at most \(size)")
  }

  private func check(_ limits: Limits, bound: UInt64, at place: Int, tooLarge: String)
    throws(WasmError)
  {
    guard limits.min <= bound, limits.max ?? 0 <= bound else {
      throw .invalid(tooLarge, at: place)
    }
    if let max = limits.max, max < limits.min {
      throw .invalid("size minimum must not be greater than maximum", at: place)
    }
  }

  // MARK: Exports and start

  private func checkExports() throws(WasmError) {
    // By bytes: Swift's strings are equal when their characters are.
    var seen: Set<ExactName> = []
    for (index, place) in places.exports.enumerated() {
      let export = module.exports[index]
      let (count, what) =
        switch export.kind {
        case .function: (module.functions.count, "function")
        case .table: (module.tables.count, "table")
        case .memory: (module.memories.count, "memory")
        case .global: (module.globals.count, "global")
        case .tag: (module.tags.count, "tag")
        }
      guard export.index < count else {
        throw .invalid("unknown \(what) \(export.index)", at: place)
      }
      guard seen.insert(ExactName(export.name)).inserted else {
        throw .invalid("duplicate export name", at: place)
      }
    }
  }

  private func checkStart() throws(WasmError) {
    guard let start = module.start else { return }
    guard start < module.functions.count else {
      throw .invalid("unknown function \(start)", at: places.start)
    }
    guard module.type(ofFunction: start) == FunctionType([], []) else {
      throw .invalid("start function", at: places.start)
    }
  }

  // MARK: Segments

  private mutating func checkElements(_ index: Int) throws(WasmError) {
    let (segment, place) = (module.elements[index], places.elements[index])
    if case .active(let table, let offset) = segment.mode {
      guard table < module.tables.count else {
        throw .invalid("unknown table \(table)", at: place)
      }
      guard module.types.matches(segment.type, module.tables[table].element) else {
        throw .invalid("type mismatch", at: place)
      }
      try check(offset, is: module.tables[table].addressType, globals: module.globals.count)
    }
    for (position, item) in segment.items.enumerated() {
      if let problem = problem(item, segment.type) {
        let place = try itemPlace(index, position)
        throw .invalid(problem.message, at: problem.isAtEnd ? place.end : place.start)
      }
      if case .expression(let expression) = item {
        try check(expression, is: segment.type, globals: module.globals.count)
      }
    }
  }

  /// What is wrong with a reference, and whether that shows at the `end` of its expression.
  private func problem(_ item: ElementItem, _ type: ValueType) -> (message: String, isAtEnd: Bool)?
  {
    switch item {
    case .function(let index):
      if index >= module.functions.count { return ("unknown function \(index)", false) }
      let matches = module.types.matches(module.referenceType(ofFunction: index), type)
      return matches ? nil : ("type mismatch", true)
    case .global(let index):
      if index >= module.globals.count { return ("unknown global \(index)", false) }
      let global = module.globals[index].type
      if global.isMutable { return ("constant expression required", false) }
      return module.types.matches(global.value, type) ? nil : ("type mismatch", true)
    case .null, .expression: return nil
    }
  }

  /// Reads the segment again up to a reference: of its first step and of its end.
  private func itemPlace(_ segment: Int, _ position: Int) throws(WasmError) -> (
    start: Int, end: Int
  ) {
    let items = places.items[segment]
    var input = ModuleReader(module, items.start..<module.bytes.count)
    var (start, end) = (items.start, items.start)
    for _ in 0...position {
      start = input.position
      end = start
      guard items.areExpressions else {
        _ = try input.index()
        continue
      }
      var reader = InstructionReader(continuing: input)
      while let instruction = try reader.next(), reader.depth > 0 { end = instruction.end }
      input = reader.input
    }
    return (start, end)
  }

  private mutating func check(_ segment: DataSegment, at place: Int) throws(WasmError) {
    guard case .active(let memory, let offset) = segment.mode else { return }
    guard memory < module.memories.count else {
      throw .invalid("unknown memory \(memory)", at: place)
    }
    let type = module.memories[memory].addressType
    try check(offset, is: type, globals: module.globals.count)
  }

  // MARK: Constant expressions (spec 3.4.12)

  /// - Parameter globals: how many of the module's globals the expression sees: those before it.
  private mutating func check(
    _ expression: ConstantExpression, is expected: ValueType, globals: Int
  ) throws(WasmError) {
    var stack: [ValueType] = []
    for part in expression.steps {
      let place = places.steps[step]
      step += 1
      switch part {
      case .constant(let type, _): stack.append(type)
      case .vector: stack.append(.v128)
      case .refNull(let type): stack.append(type)
      case .refFunc(let index):
        guard index < module.functions.count else {
          throw .invalid("unknown function \(index)", at: place)
        }
        stack.append(module.referenceType(ofFunction: index))
      case .globalGet(let index):
        stack.append(try constantGlobal(index, globals: globals, at: place))
      case .i32Add, .i32Sub, .i32Mul: try checkBinary(.i32, &stack, at: place)
      case .i64Add, .i64Sub, .i64Mul: try checkBinary(.i64, &stack, at: place)
      }
    }
    guard stack.count == 1, module.types.matches(stack[0], expected) else {
      throw .invalid("type mismatch", at: places.steps[step])
    }
    step += 1
  }

  private func constantGlobal(_ index: Int, globals: Int, at place: Int) throws(WasmError)
    -> ValueType
  {
    guard index < globals else { throw .invalid("unknown global \(index)", at: place) }
    guard !module.globals[index].type.isMutable else {
      throw .invalid("constant expression required", at: place)
    }
    return module.globals[index].type.value
  }

  private func checkBinary(_ type: ValueType, _ stack: inout [ValueType], at place: Int)
    throws(WasmError)
  {
    // Not by a slice, which would share the stack, and so have it copied.
    let count = stack.count
    guard count >= 2, stack[count - 1] == type, stack[count - 2] == type else {
      throw .invalid("type mismatch", at: place)
    }
    stack.removeLast()
  }
}
