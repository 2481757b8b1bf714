import Wasm

/// Analyzes the module's tables, and which functions a call through them can reach.
struct TableAnalysis {
  let facts: [TableFacts]
  /// By table, then function: the indices that contain it, ascending. Empty if contents are unknown.
  private let indices: [[Int: [UInt32]]]
  private let types: TypeSpace
  /// By function: its type's index.
  private let functionTypes: [Int]
  /// By table, then canonical type index: the functions in the table that a call of the type can reach, ascending.
  private let functions: [[Int: [Int]]]

  /// The number of entries to analyze in all tables together.
  private static let maximumEntries = 1 << 20

  init(_ module: Module, _ moduleFacts: ModuleFacts) {
    let types = module.types
    let functionTypes = module.functions.map(\.typeIndex)
    self.types = types
    self.functionTypes = functionTypes
    let exported = Set(module.exports.filter { $0.kind == .table }.map(\.index))
    let contents = Self.contents(module)
    facts = module.tables.indices.map { table in
      TableFacts(
        isImmutable: table >= module.importedTableCount && !exported.contains(table)
          && moduleFacts.tableWriters[table].isEmpty,
        contents: contents[table])
    }
    indices = facts.map { facts in
      var result: [Int: [UInt32]] = [:]
      for (index, function) in (facts.contents ?? []).enumerated() {
        if let function { result[function, default: []].append(UInt32(index)) }
      }
      return result
    }
    functions = indices.map { table in
      var result: [Int: [Int]] = [:]
      for function in table.keys.sorted() {
        for type in types.withSupertypes(functionTypes[function]) {
          result[types[type].canonicalIndex, default: []].append(function)
        }
      }
      return result
    }
  }

  /// Whether a call of this type can reach a function.
  func hasType(_ function: Int, _ typeIndex: Int) -> Bool {
    types.isSubtype(functionTypes[function], of: typeIndex)
  }

  /// The indices of a table that contain `function` after instantiation; nil if contents are unknown.
  func indices(of function: Int, table: Int) -> [UInt32]? {
    facts[table].contents == nil ? nil : indices[table][function] ?? []
  }

  /// All functions that a call of this type can ever reach, ascending; nil if that is unknown.
  func possibleTargets(table: Int, typeIndex: Int) -> [Int]? {
    guard facts[table].isImmutable, facts[table].contents != nil else { return nil }
    return functions[table][types[typeIndex].canonicalIndex] ?? []
  }

  /// The functions that a call of this type can reach in a table after instantiation, ascending; empty if contents are unknown.
  func initialTargets(table: Int, typeIndex: Int) -> [Int] {
    facts[table].contents == nil ? [] : functions[table][types[typeIndex].canonicalIndex] ?? []
  }

  // MARK: Contents

  /// The tables' contents after active segments are applied (spec 4.5.4, instantiation).
  ///
  /// A segment that does not fit makes instantiation fail, but functions may already have escaped into imported tables. So
  /// nothing is known about the segments after one that may fail.
  private static func contents(_ module: Module) -> [[Int?]?] {
    var room = maximumEntries
    var result: [[Int?]?] = module.tables.indices.map { table in
      let count = module.tables[table].limits.min
      guard table >= module.importedTableCount,
        module.representation(of: module.tables[table].element) == .function,
        count <= UInt64(room), let initial = initialElement(module, table)
      else { return nil }
      room -= Int(count)
      return Array(repeating: initial, count: Int(count))
    }
    var mayHaveFailed = false
    for segment in module.elements {
      guard case .active(let table, let expression) = segment.mode else { continue }
      // Sums of 32 bits wrap.
      let mask = module.tables[table].addressType.maximumAddress
      let offset = constant(expression).map { Int(clamping: $0 & mask) }
      let minimum = Int(clamping: module.tables[table].limits.min)
      let fits = offset.map { $0 <= minimum && segment.items.count <= minimum - $0 } ?? false
      if !fits { mayHaveFailed = true }
      guard fits, !mayHaveFailed, let offset, result[table] != nil else {
        result[table] = nil
        continue
      }
      for (position, item) in segment.items.enumerated() {
        switch item {
        case .function(let function): result[table]?[offset + position] = function
        case .null: result[table]?[offset + position] = nil as Int?
        case .global, .expression: result[table] = nil
        }
        if result[table] == nil { break }
      }
    }
    return result
  }

  /// The function that all elements of a table are at first (inner nil: null); nil if it depends on an import.
  private static func initialElement(_ module: Module, _ table: Int) -> Int?? {
    switch module.tableInitializers[table]?.steps.first {
    case nil, .refNull: .some(nil)
    case .refFunc(let function): .some(function)
    default: nil
    }
  }

  /// Evaluates a constant expression that does not depend on anything outside the module.
  private static func constant(_ expression: ConstantExpression) -> UInt64? {
    var stack: [UInt64] = []
    for step in expression.steps {
      switch step {
      case .constant(_, let bits): stack.append(bits)
      case .i32Add, .i32Sub, .i32Mul, .i64Add, .i64Sub, .i64Mul:
        guard let right = stack.popLast(), let left = stack.popLast() else { return nil }
        stack.append(apply(step, left, right))
      // Initializers can only use imported globals.
      case .globalGet, .refNull, .refFunc, .vector: return nil
      }
    }
    return stack.count == 1 ? stack[0] : nil
  }

  private static func apply(
    _ step: ConstantExpression.Step, _ left: UInt64, _ right: UInt64
  ) -> UInt64 {
    switch step {
    case .i32Add, .i64Add: left &+ right
    case .i32Sub, .i64Sub: left &- right
    default: left &* right
    }
  }
}
