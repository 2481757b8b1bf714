import Contract
import Wasm

/// Checks an artefact's tables against its module. The deoptimizer still has to check the frame that it finds, and the
/// references in the frame.
struct ArtefactCheck {
  let module: Module
  let code: CodeTables
  let baseline: BaselineTable
  let deopts: DeoptTable
  let locations: LocationTable

  /// - Returns: the size of the largest buffer from which an OSR entry reads locals and operands.
  func run() throws(ArtefactError) -> Int {
    guard code.functions.count == module.functions.count - module.importedFunctionCount else {
      throw fail(.code, "not one row for each function")
    }
    try checkDispatch()
    for (index, node) in code.inlineNodes.enumerated() where !isDefined(node.function) {
      throw fail(.code, "inlining node \(index) has no body")
    }
    try checkRoots()
    for (index, loop) in code.loops.enumerated() where !isDefined(loop.function) {
      throw fail(.code, "OSR entry \(index) has no body")
    }
    try checkBaseline()
    try checkBaselineCode()
    let sites = try collectSites()
    try checkNodes(sites)
    for site in deopts.guards {
      guard case .indirect? = call(sites, node: site.node, site.byteOffset)?.target else {
        throw fail(.deopt, "guard at \(site.byteOffset) is at no indirect call")
      }
    }
    var known: Set<FrameShape> = []
    for state in deopts.states { try checkState(state, sites, &known) }
    try checkPoints()
    try checkLocations()
    return try checkLoops(sites)
  }

  private func fail(_ section: ArtefactSection, _ message: String) -> ArtefactError {
    ArtefactError(.corrupt, message, section: section.rawValue)
  }

  private func isDefined(_ function: UInt32) -> Bool {
    Int(function) < module.functions.count && Int(function) >= module.importedFunctionCount
  }

  /// Limit on the operands below the calls of all frame states together, which are in memory at the same time.
  private static let maximumOperandCount = 1 << 26

  /// Decodes each body that a table refers to, once.
  private func collectSites() throws(ArtefactError) -> [Int: BodySites] {
    var wanted: [Int: Set<Int>] = [:]
    // Calls in frame states, for which the operands are needed as well.
    var resumed: [Int: Set<Int>] = [:]
    for loop in code.loops { wanted[Int(loop.function), default: []] = [] }
    for node in code.inlineNodes where node.parent != InlineNode.root {
      wanted[function(node.parent), default: []].insert(Int(node.callOffset))
    }
    for site in deopts.guards {
      wanted[function(site.node), default: []].insert(Int(site.byteOffset))
    }
    for frame in deopts.frames {
      wanted[function(frame.node), default: []].insert(Int(frame.byteOffset))
      resumed[function(frame.node), default: []].insert(Int(frame.byteOffset))
    }
    var sites: [Int: BodySites] = [:]
    var room = Self.maximumOperandCount
    for (function, offsets) in wanted {
      let body = try BodySites(
        module, function: function, calls: offsets, withOperands: resumed[function] ?? [], &room)
      sites[function] = body
    }
    return sites
  }

  private func function(_ node: UInt32) -> Int { Int(code.inlineNodes[Int(node)].function) }

  private func call(_ sites: [Int: BodySites], node: UInt32, _ byteOffset: UInt32)
    -> BodySites.Call?
  {
    sites[function(node)]?.calls[Int(byteOffset)]
  }

  // MARK: Code

  /// Limit on the code pointers in all dispatch tables together.
  private static let maximumDispatchEntries: UInt64 = 1 << 20

  /// Dispatch tables are only allowed for tables that nobody else can change, and each pair only once.
  private func checkDispatch() throws(ArtefactError) {
    if code.dispatch.isEmpty { return }
    let exported = Set(module.exports.filter { $0.kind == .table }.map(\.index))
    var entries: UInt64 = 0
    var last: DispatchRow?
    for row in code.dispatch {
      let table = Int(row.table)
      guard table < module.tables.count, Int(row.typeIndex) < module.types.count,
        module.tables[table].element == .funcref
      else { throw fail(.code, "dispatch table of what is not there") }
      guard table >= module.importedTableCount, !exported.contains(table) else {
        throw fail(.code, "dispatch table of a table that others can change")
      }
      guard last.map({ ($0.table, $0.typeIndex) < (row.table, row.typeIndex) }) ?? true else {
        throw fail(.code, "dispatch tables are not in order")
      }
      last = row
      entries += min(module.tables[table].limits.min, Self.maximumDispatchEntries)
      guard entries <= Self.maximumDispatchEntries else {
        throw fail(.code, "dispatch tables are too large")
      }
    }
  }

  /// Each function must have the tree of its speculative version, if there is one, followed by that of the generic version.
  /// Trap places rely on this order.
  private func checkRoots() throws(ArtefactError) {
    var roots = code.inlineNodes.enumerated().lazy.filter { $0.element.parent == InlineNode.root }
      .makeIterator()
    for (index, row) in code.functions.enumerated() {
      for node in row.isSpeculative ? [row.node, row.genericNode] : [row.node] {
        guard let root = roots.next(), root.offset == node,
          Int(root.element.function) == module.importedFunctionCount + index
        else { throw fail(.code, "inlining trees are not those of the functions") }
      }
      guard row.isSpeculative || row.genericNode == row.node else {
        throw fail(.code, "inlining trees are not those of the functions")
      }
    }
    guard roots.next() == nil else {
      throw fail(.code, "inlining trees are not those of the functions")
    }
  }

  /// Functions without optimized code must not have anything that only optimized code has.
  private func checkBaseline() throws(ArtefactError) {
    if code.baseline.isEmpty { return }
    for row in code.baseline {
      guard isDefined(row.function) else { throw fail(.code, "baseline function has no body") }
      guard !code.functions[Int(row.function) - module.importedFunctionCount].isSpeculative else {
        throw fail(.code, "baseline function \(row.function) has a version with deopts")
      }
    }
    for loop in code.loops where code.baselineReason(function: Int(loop.function)) != nil {
      throw fail(.code, "baseline function \(loop.function) has an OSR entry")
    }
    var root = 0
    for (index, node) in code.inlineNodes.enumerated() {
      if node.parent == InlineNode.root {
        root = index
      } else if code.baselineReason(function: function(UInt32(root))) != nil {
        throw fail(.code, "a body is inlined into baseline function \(function(UInt32(root)))")
      }
    }
  }

  /// Functions without optimized code are entered at their baseline code.
  private func checkBaselineCode() throws(ArtefactError) {
    for row in baseline.rows {
      guard isDefined(row.function) else { throw fail(.baseline, "baseline code has no body") }
      if code.baselineReason(function: Int(row.function)) == nil { continue }
      let entry = code.functions[Int(row.function) - module.importedFunctionCount]
      guard entry.entry == row.code, entry.entrySize == row.codeSize else {
        throw fail(.baseline, "function \(row.function) is not entered at its baseline code")
      }
    }
  }

  private func checkNodes(_ sites: [Int: BodySites]) throws(ArtefactError) {
    for (index, node) in code.inlineNodes.enumerated() where node.parent != InlineNode.root {
      let call = call(sites, node: node.parent, node.callOffset)
      let fits =
        switch call?.target {
        case .function(let target)?: target == Int(node.function)
        case .indirect(let typeIndex, _)?:
          module.types.isSame(typeIndex, module.functions[Int(node.function)].typeIndex)
        case nil: false
        }
      guard fits else { throw fail(.code, "inlining node \(index) stands for no call of its body") }
    }
  }

  private func checkLoops(_ sites: [Int: BodySites]) throws(ArtefactError) -> Int {
    var size = 0
    for loop in code.loops {
      let function = Int(loop.function)
      guard sites[function]?.loops.contains(Int(loop.byteOffset)) == true else {
        throw fail(.code, "no loop of function \(function) is at \(loop.byteOffset)")
      }
      size = max(size, SlotLayout(module, function: function).size)
    }
    return size
  }

  // MARK: Deopts

  /// The fields that determine a frame's types. Each shape is checked only once, because a small table may contain many frames
  /// of large functions.
  private struct FrameShape: Hashable {
    var function: Int
    var byteOffset: UInt32
    var firstType: UInt32
    var localCount: UInt32
    var operandCount: UInt32
    var position: UInt32
  }

  private func checkState(
    _ state: FrameStateRow, _ sites: [Int: BodySites], _ known: inout Set<FrameShape>
  ) throws(ArtefactError) {
    let first = Int(state.firstFrame)
    for frame in deopts.frames[first..<first + Int(state.frameCount)] {
      let function = function(frame.node)
      let shape = FrameShape(
        function: function, byteOffset: frame.byteOffset, firstType: frame.firstType,
        localCount: frame.localCount, operandCount: frame.operandCount,
        position: frame.position)
      guard known.insert(shape).inserted else { continue }
      guard let call = call(sites, node: frame.node, frame.byteOffset),
        var operands = call.operands
      else { throw fail(.deopt, "frame state at \(frame.byteOffset) is at no call") }
      if frame.position == ResumePoint.Position.after.rawValue {
        // The call is in progress and has popped its operands.
        var taken = call.type(in: module).parameters.count
        if case .indirect = call.target { taken += 1 }
        operands.removeLast(min(taken, operands.count))
      }
      guard Int(frame.localCount) == module.localCount(ofFunction: function),
        case let types = deopts.frame(frame),
        types.locals == module.localTypes(ofFunction: function).map(module.representation),
        types.operands == operands.map(module.representation)
      else {
        throw fail(.deopt, "frame state at \(frame.byteOffset) has other types than the module")
      }
    }
  }

  private func checkPoints() throws(ArtefactError) {
    let extents = try deopts.frameExtents()
    for (point, extent) in zip(deopts.points, extents) {
      let state = deopts.states[Int(point.state)]
      let root = function(deopts.frames[Int(state.firstFrame)].node)
      let row = code.functions[root - module.importedFunctionCount]
      guard row.isSpeculative, point.codeOffset > row.entry,
        point.codeOffset - row.entry <= row.entrySize
      else { throw fail(.deopt, "deopt point outside of its function's code") }
      guard extent <= row.frameSize else {
        throw fail(.deopt, "deopt point has a location outside of its frame")
      }
    }
  }

  private func checkLocations() throws(ArtefactError) {
    for table in [locations.rows, locations.faults] {
      for location in table.lazy.compactMap(\.location) {
        let body = module.functions[function(location.node)].body
        guard body.contains(Int(location.byteOffset)) else {
          throw fail(.locations, "location outside of its function's body")
        }
      }
    }
  }
}
