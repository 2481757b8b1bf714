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
  let textSize: Int

  private var chains: InlineChains { InlineChains(code.inlineNodes, of: module) }

  /// Checks what is used without a further check: that the code's tables are those of the module, as far as that can be seen
  /// without reading bodies.
  func checkCode() throws(ArtefactError) {
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
  }

  /// Checks a deopt point and all that it refers to, before it is used for the first time.
  func check(_ point: DeoptPoint) throws(ArtefactError) {
    try deopts.check(point, textSize: textSize, chains: chains)
    try checkPlace(point, extent: deopts.frameExtent(point))
    let state = deopts.states[Int(point.state)]
    let first = Int(state.firstFrame)
    let frames = deopts.frames[first..<first + Int(state.frameCount)]
    var wanted = Wanted()
    for frame in frames { wanted.resume(function(frame.node), frame.byteOffset) }
    let guarded = deopts.guards[Int(point.guardNumber)]
    wanted.instruction(function(guarded.node), guarded.byteOffset)
    // The chain of frames is that of the guard's node, but for bodies that were left by tail calls.
    let nodes = Array(sequence(first: guarded.node, next: { parent(of: $0) }))
    for node in nodes.dropLast() { wanted.call(of: code.inlineNodes[Int(node)], function) }
    let sites = try read(wanted)
    for node in nodes { try checkNode(Int(node), sites) }
    try checkGuard(guarded, sites)
    var known: Set<FrameShape> = []
    try checkState(state, sites, &known)
  }

  /// Checks everything, ``checkCode()`` excepted.
  func checkAll() throws(ArtefactError) {
    for index in module.functions.indices { try validateBody(index) }
    try deopts.check(textSize: textSize, chains: chains)
    var wanted = Wanted()
    for loop in code.loops { wanted.body(Int(loop.function)) }
    for node in code.inlineNodes where node.parent != InlineNode.root {
      wanted.call(of: node, function)
    }
    for site in deopts.guards { wanted.instruction(function(site.node), site.byteOffset) }
    for frame in deopts.frames { wanted.resume(function(frame.node), frame.byteOffset) }
    let sites = try read(wanted)
    for node in code.inlineNodes.indices { try checkNode(node, sites) }
    for site in deopts.guards { try checkGuard(site, sites) }
    var known: Set<FrameShape> = []
    for state in deopts.states { try checkState(state, sites, &known) }
    let extents = try deopts.frameExtents()
    for (point, extent) in zip(deopts.points, extents) { try checkPlace(point, extent: extent) }
    try checkLocations()
    try checkLoops(sites)
  }

  private func fail(_ section: ArtefactSection, _ message: String) -> ArtefactError {
    ArtefactError(.corrupt, message, section: section.rawValue)
  }

  private func isDefined(_ function: UInt32) -> Bool {
    Int(function) < module.functions.count && Int(function) >= module.importedFunctionCount
  }

  // MARK: Bodies

  /// What is looked up in bodies, so that each is read once.
  private struct Wanted {
    /// By function: byte offsets of instructions.
    var instructions: [Int: Set<Int>] = [:]
    /// Those at which frames resume, for which the operands are needed as well.
    var resumed: [Int: Set<Int>] = [:]

    mutating func body(_ function: Int) { instructions[function, default: []].formUnion([]) }
    mutating func instruction(_ function: Int, _ byteOffset: UInt32) {
      instructions[function, default: []].insert(Int(byteOffset))
    }
    mutating func call(of node: InlineNode, _ function: (UInt32) -> Int) {
      instruction(function(node.parent), node.callOffset)
    }
    mutating func resume(_ function: Int, _ byteOffset: UInt32) {
      instruction(function, byteOffset)
      resumed[function, default: []].insert(Int(byteOffset))
    }
  }

  /// Limit on the operands below the calls of all frame states together, which are in memory at the same time.
  private static let maximumOperandCount = 1 << 26

  private func read(_ wanted: Wanted) throws(ArtefactError) -> [Int: BodySites] {
    var sites: [Int: BodySites] = [:]
    var room = Self.maximumOperandCount
    for (function, offsets) in wanted.instructions {
      try validateBody(function)
      sites[function] = try BodySites(
        module, function: function, at: offsets, withOperands: wanted.resumed[function] ?? [],
        &room)
    }
    return sites
  }

  private func validateBody(_ function: Int) throws(ArtefactError) {
    do throws(WasmError) {
      try module.validateBody(ofFunction: function)
    } catch {
      throw ArtefactError(module: error)
    }
  }

  private func function(_ node: UInt32) -> Int { Int(code.inlineNodes[Int(node)].function) }

  private func parent(of node: UInt32) -> UInt32? {
    let parent = code.inlineNodes[Int(node)].parent
    return parent == InlineNode.root ? nil : parent
  }

  private func site(_ sites: [Int: BodySites], node: UInt32, _ byteOffset: UInt32)
    -> BodySites.Site?
  {
    sites[function(node)]?.sites[Int(byteOffset)]
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
        module.representation(of: module.tables[table].element) == .function
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

  /// Baseline code has no deopts.
  private func checkBaseline() throws(ArtefactError) {
    if code.baseline.isEmpty { return }
    for row in code.baseline {
      guard isDefined(row.function) else { throw fail(.code, "baseline function has no body") }
      guard !code.functions[Int(row.function) - module.importedFunctionCount].isSpeculative else {
        throw fail(.code, "baseline function \(row.function) has a version with deopts")
      }
    }
  }

  /// A body must be that of the call into which it is inlined.
  private func checkNode(_ index: Int, _ sites: [Int: BodySites]) throws(ArtefactError) {
    let node = code.inlineNodes[index]
    guard node.parent != InlineNode.root else { return }
    let fits =
      switch site(sites, node: node.parent, node.callOffset)?.target {
      case .function(let target)?: target == Int(node.function)
      case .indirect(let typeIndex)?:
        module.types.isSubtype(module.functions[Int(node.function)].typeIndex, of: typeIndex)
      case nil: false
      }
    guard fits else { throw fail(.code, "inlining node \(index) stands for no call of its body") }
  }

  private func checkGuard(_ guarded: CodeLocation, _ sites: [Int: BodySites]) throws(ArtefactError)
  {
    let found = site(sites, node: guarded.node, guarded.byteOffset)
    if case .indirect? = found?.target { return }
    guard found?.isBranch == true else {
      throw fail(.deopt, "guard at \(guarded.byteOffset) is at no indirect call and no branch")
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

  private func checkLoops(_ sites: [Int: BodySites]) throws(ArtefactError) {
    for loop in code.loops {
      let function = Int(loop.function)
      guard sites[function]?.loops.contains(Int(loop.byteOffset)) == true else {
        throw fail(.code, "no loop of function \(function) is at \(loop.byteOffset)")
      }
    }
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
      guard let site = site(sites, node: frame.node, frame.byteOffset),
        var operands = site.operands
      else { throw fail(.deopt, "frame state at \(frame.byteOffset) is at no instruction") }
      if frame.position == ResumePoint.Position.after.rawValue {
        // The call is in progress and has popped its operands. Nothing returns to a tail call.
        guard let target = site.target, !module.isTailCall(at: Int(frame.byteOffset)) else {
          throw fail(.deopt, "frame state at \(frame.byteOffset) is at no call")
        }
        var taken = target.type(in: module).parameters.count
        if case .indirect = target { taken += 1 }
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

  /// - Parameter extent: the size of the frame that the point's locations need.
  private func checkPlace(_ point: DeoptPoint, extent: UInt32) throws(ArtefactError) {
    let state = deopts.states[Int(point.state)]
    let root = function(code.inlineNodes.root(of: deopts.frames[Int(state.firstFrame)].node))
    let row = code.functions[root - module.importedFunctionCount]
    guard row.isSpeculative, point.codeOffset > row.entry,
      point.codeOffset - row.entry <= row.entrySize
    else { throw fail(.deopt, "deopt point outside of its function's code") }
    guard extent <= row.frameSize else {
      throw fail(.deopt, "deopt point has a location outside of its frame")
    }
  }

  private func checkLocations() throws(ArtefactError) {
    for list in [locations.rows, locations.faults] {
      for location in try list.all().lazy.compactMap(\.location) {
        let body = module.functions[function(location.node)].body
        guard body.contains(Int(location.byteOffset)) else {
          throw fail(.locations, "location outside of its function's body")
        }
      }
    }
  }
}

extension ArtefactError {
  /// The artefact's module is not valid.
  init(module error: WasmError) {
    self.init(
      .corrupt, "module: \(error.message)", section: ArtefactSection.module.rawValue,
      offset: error.offset)
  }
}
