import Feedback
import Speculation
import Wasm

/// Plans made to order: tests say which targets each indirect call speculates on, and everything that follows
/// (trees, guards, table facts, OSR entries) is derived. No heuristics: what is asked for is done.
public struct TestPlan {
  /// Targets by byte offset of the `call_indirect`, `call_ref` or tail call, in order of the guards.
  public var targets: [Int: [Int]]
  /// Nil: the cheapest that the table allows.
  public var guardKind: SitePlan.Guard?
  /// Bodies within bodies at most; targets beyond are called.
  public var depth = 6
  /// Whether direct calls of defined functions are inlined as well.
  public var inlinesDirectCalls = true
  /// Functions that get a speculative version; nil: all with a site in their tree.
  public var speculative: Set<Int>?
  /// Whether arrays of code pointers are used where the table allows it.
  public var usesDispatchTables = false

  public init(targets: [Int: [Int]], guardKind: SitePlan.Guard? = nil) {
    self.targets = targets
    self.guardKind = guardKind
  }

  public func plan(_ module: Module) throws -> CompilationPlan {
    try Builder(self, module).plan()
  }
}

extension Module {
  /// Byte offsets of the instructions with this opcode in a function, in order.
  public func offsets(of opcode: Opcode, function: Int) throws -> [Int] {
    var result: [Int] = []
    var reader = InstructionReader(self, function: function)
    while let instruction = try reader.next() {
      if instruction.opcode == opcode { result.append(instruction.offset) }
    }
    return result
  }

  /// Index of an exported function.
  public func function(exported name: String) -> Int? {
    exports.first { $0.name == name && $0.kind == .function }?.index
  }
}

private struct Builder {
  let options: TestPlan
  let module: Module
  let facts: [TableFacts]

  init(_ options: TestPlan, _ module: Module) throws {
    self.options = options
    self.module = module
    facts = try Self.tableFacts(module)
  }

  func plan() throws -> CompilationPlan {
    var functions: [FunctionPlan] = []
    for index in module.importedFunctionCount..<module.functions.count {
      let speculates = options.speculative?.contains(index) ?? true
      let tree = try tree(index, isSpeculative: true)
      let hasDeopt = tree.nodes.contains { $0.sites.values.contains { $0.miss == .deopt } }
      functions.append(
        FunctionPlan(
          function: index, entryCount: 1000, tier: .full,
          speculative: speculates && hasDeopt ? tree : nil,
          generic: try self.tree(index, isSpeculative: false),
          keepsGeneric: speculates && hasDeopt,
          osrEntries: try module.offsets(of: .loop, function: index)))
    }
    return CompilationPlan(functions: functions, tables: facts, dispatchTables: dispatchTables)
  }

  private var dispatchTables: [DispatchTable] {
    guard options.usesDispatchTables else { return [] }
    var result: [DispatchTable] = []
    for table in facts.indices
    where module.tables[table].element == .funcref && facts[table].isImmutable
      && facts[table].contents != nil
    {
      // Functions of others are not dispatched to.
      let foreign = (facts[table].contents ?? []).compactMap(\.self).filter {
        $0 < module.importedFunctionCount
      }
      for type in module.types.indices {
        func fits(_ function: Int) -> Bool {
          module.types.isSubtype(module.functions[function].typeIndex, of: type)
        }
        guard module.functions.indices.contains(where: fits), !foreign.contains(where: fits) else {
          continue
        }
        result.append(DispatchTable(table: table, typeIndex: type))
      }
    }
    return result
  }

  private func tree(_ function: Int, isSpeculative: Bool) throws -> InliningTree {
    var tree = InliningTree(nodes: [
      .init(function: function, parent: nil, callOffset: 0, relativeFrequency: 1)
    ])
    try expand(&tree, 0, [function], isSpeculative)
    return tree
  }

  private func expand(
    _ tree: inout InliningTree, _ node: Int, _ path: [Int], _ isSpeculative: Bool
  ) throws {
    var reader = InstructionReader(module, function: tree.nodes[node].function)
    while let i = try reader.next() {
      switch i.opcode {
      case .call, .returnCall:
        guard options.inlinesDirectCalls, i.index >= module.importedFunctionCount,
          let inner = try inline(&tree, node, i.offset, i.index, path, isSpeculative)
        else { continue }
        tree.nodes[node].sites[i.offset] = SitePlan(
          guardKind: .none,
          targets: [.init(function: i.index, tableIndices: [], node: inner, count: 100)],
          miss: .call, missCount: 0, reason: .inlined)
      case .callIndirect, .callRef, .returnCallIndirect, .returnCallRef:
        guard let functions = options.targets[i.offset] else { continue }
        var site = SitePlan(
          guardKind: guardKind(i, functions), targets: [], miss: isSpeculative ? .deopt : .call,
          missCount: 0, reason: isSpeculative ? .inlined : .genericVersion)
        for function in functions {
          site.targets.append(
            .init(
              function: function,
              tableIndices: i.callsByReference ? [] : indices(of: function, table: i.index2),
              node: try inline(&tree, node, i.offset, function, path, isSpeculative), count: 100))
        }
        tree.nodes[node].sites[i.offset] = site
      default: continue
      }
    }
  }

  private func inline(
    _ tree: inout InliningTree, _ parent: Int, _ offset: Int, _ function: Int, _ path: [Int],
    _ isSpeculative: Bool
  ) throws -> Int? {
    guard function >= module.importedFunctionCount, path.count <= options.depth,
      !path.contains(function)
    else { return nil }
    let node = tree.nodes.count
    tree.nodes.append(
      .init(function: function, parent: parent, callOffset: offset, relativeFrequency: 1))
    try expand(&tree, node, path + [function], isSpeculative)
    return node
  }

  // MARK: Tables

  private func indices(of function: Int, table: Int) -> [UInt32] {
    (facts[table].contents ?? []).enumerated().filter { $0.element == function }.map {
      UInt32($0.offset)
    }
  }

  private func guardKind(_ i: Instruction, _ functions: [Int]) -> SitePlan.Guard {
    if i.callsByReference { return .reference }
    if let kind = options.guardKind { return kind }
    guard facts[i.index2].contents != nil,
      functions.allSatisfy({ !indices(of: $0, table: i.index2).isEmpty })
    else { return .reference }
    return facts[i.index2].isImmutable ? .index : .indexIfPristine
  }

  private static func tableFacts(_ module: Module) throws -> [TableFacts] {
    var written = Set(
      module.exports.filter { $0.kind == .table }.map(\.index) + (0..<module.importedTableCount))
    for function in module.importedFunctionCount..<module.functions.count {
      var reader = InstructionReader(module, function: function)
      while let i = try reader.next() {
        switch i.opcode {
        case .tableSet, .tableGrow, .tableFill, .tableCopy: written.insert(i.index)
        case .tableInit: written.insert(i.index2)
        default: continue
        }
      }
    }
    return module.tables.indices.map { table in
      TableFacts(
        isImmutable: !written.contains(table),
        contents: table < module.importedTableCount ? nil : contents(module, table))
    }
  }

  private static func contents(_ module: Module, _ table: Int) -> [Int?]? {
    let count = module.tables[table].limits.min
    // Nothing is asked about a table with an initializer, nor about one that is too large to be there.
    guard count < 1 << 20, module.tableInitializers[table] == nil else { return nil }
    var result = [Int?](repeating: nil, count: Int(count))
    for segment in module.elements {
      guard case .active(table, let offset) = segment.mode else { continue }
      guard case .constant(_, let place)? = offset.steps.first, offset.steps.count == 1 else {
        return nil
      }
      let start = min(Int(clamping: place), result.count)
      for (number, item) in segment.items.enumerated() where start + number < result.count {
        switch item {
        case .function(let function): result[start + number] = function
        case .null: result[start + number] = nil
        case .global, .expression: return nil
        }
      }
    }
    return result
  }
}
