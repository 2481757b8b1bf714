import Wasm

/// Facts about function bodies that the planner needs, collected in one pass over a valid module.
struct ModuleFacts {
  struct CallSite {
    enum Kind {
      case direct(function: Int)
      case indirect(typeIndex: Int, table: Int)
      case reference(typeIndex: Int)
    }
    /// Byte offset of the call in the module.
    var offset: Int
    var kind: Kind
    /// Number of enclosing loops.
    var loopDepth: Int
  }

  struct Loop {
    var offset: Int
    /// Number of enclosing loops.
    var depth: Int
    /// Size of the loop's body in wasm bytes, vector instructions by ``VectorCost``.
    var size = 0
    /// Byte offset in the module of the code behind it.
    var end = 0
    /// Whether it contains no other loop.
    var isInnermost = true
  }

  struct Function {
    /// Size of the body in wasm bytes, vector instructions by ``VectorCost``.
    var size: Int
    var sites: [CallSite] = []
    var loops: [Loop] = []
  }

  /// By function; imported ones are empty.
  var functions: [Function] = []
  /// By table: the defined functions that change its entries or length.
  var tableWriters: [Set<Int>]
  /// Size of all bodies in wasm bytes.
  var codeSize = 0

  init(_ module: Module) {
    tableWriters = Array(repeating: [], count: module.tables.count)
    functions.reserveCapacity(module.functions.count)
    for index in module.functions.indices {
      var function = Function(size: module.functions[index].body.count)
      if index >= module.importedFunctionCount { scan(module, index, &function) }
      codeSize += function.size
      functions.append(function)
    }
  }

  private mutating func scan(_ module: Module, _ index: Int, _ function: inout Function) {
    var walker = BodyWalker(module, function: index)
    /// The enclosing loops, as positions in `function.loops`.
    var open: [Int] = []
    /// What ``VectorCost`` adds to the instructions so far.
    var correction = 0
    // The bodies of a valid module can be decoded.
    while (try? walker.next()) == true {
      let opcode = walker.instruction.opcode
      while open.count > walker.loopDepth, let loop = open.popLast() {
        function.loops[loop].end = walker.instruction.offset
        function.loops[loop].size +=
          walker.instruction.offset + correction - function.loops[loop].offset
      }
      if opcode == .loop {
        if let outer = open.last { function.loops[outer].isInnermost = false }
        open.append(function.loops.count)
        // The correction up to here is not the loop's.
        function.loops.append(
          Loop(offset: walker.instruction.offset, depth: walker.loopDepth, size: -correction))
      }
      correction += VectorCost.correction(walker.instruction)
      let effects = opcode.effects
      guard !effects.isDisjoint(with: [.calls, .writesTable]) else { continue }
      let i = walker.instruction
      if let callee = i.callee {
        function.sites.append(
          CallSite(
            offset: i.offset, kind: CallSite.Kind(callee), loopDepth: walker.loopDepth))
      }
      if effects.contains(.writesTable), let table = i.destinationTable {
        tableWriters[table].insert(index)
      }
    }
    function.size += correction
  }
}

extension ModuleFacts.CallSite.Kind {
  fileprivate init(_ callee: Instruction.Callee) {
    switch callee {
    case .function(let index): self = .direct(function: index)
    case .table(let table, let typeIndex): self = .indirect(typeIndex: typeIndex, table: table)
    case .reference(let typeIndex): self = .reference(typeIndex: typeIndex)
    }
  }
}
