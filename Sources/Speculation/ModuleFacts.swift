import Wasm

/// What the planner needs of the bodies, gathered in one pass over a valid module.
struct ModuleFacts {
  struct CallSite {
    enum Kind {
      case direct(function: Int)
      case indirect(typeIndex: Int, table: Int)
    }
    /// Of the call, in the module.
    var offset: Int
    var kind: Kind
    /// Loops around it.
    var loopDepth: Int
  }

  struct Loop {
    var offset: Int
    /// Loops around it.
    var depth: Int
  }

  struct Function {
    /// Wire bytes of the body.
    var size: Int
    var sites: [CallSite] = []
    var loops: [Loop] = []
  }

  /// By function; imported ones are empty.
  var functions: [Function] = []
  /// By table: defined functions that change entries or the length.
  var tableWriters: [Set<Int>]
  /// Wire bytes of all bodies.
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
    var reader = InstructionReader(module, function: index)
    // Whether each open block is a loop.
    var blocks: [Bool] = []
    var depth = 0
    // A valid module's bodies decode.
    while let i = try? reader.next() {
      switch i.opcode {
      case .block, .if: blocks.append(false)
      case .loop:
        function.loops.append(Loop(offset: i.offset, depth: depth))
        blocks.append(true)
        depth += 1
      case .end: if blocks.popLast() == true { depth -= 1 }
      case .call:
        function.sites.append(
          CallSite(offset: i.offset, kind: .direct(function: i.index), loopDepth: depth))
      case .callIndirect:
        function.sites.append(
          CallSite(
            offset: i.offset, kind: .indirect(typeIndex: i.index, table: i.index2),
            loopDepth: depth))
      case .tableSet, .tableGrow, .tableFill, .tableCopy:
        // Of table.copy `index` is the destination.
        tableWriters[i.index].insert(index)
      case .tableInit: tableWriters[i.index2].insert(index)
      default: break
      }
    }
  }
}
