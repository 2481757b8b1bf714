import Contract
import Wasm

/// Holds an artefact's tables against its module, so that the deoptimizer can follow them blindly.
struct ArtefactCheck {
  let module: Module
  let code: CodeTables
  let deopts: DeoptTable
  let locations: LocationTable

  /// - Returns: the most slots that a loop entry takes.
  func run() throws(ArtefactError) -> Int {
    guard code.functions.count == module.functions.count - module.importedFunctionCount else {
      throw fail(.code, "not one row for each function")
    }
    try checkDispatch()
    for (index, node) in code.inlineNodes.enumerated() where !isDefined(node.function) {
      throw fail(.code, "inlining node \(index) has no body")
    }
    for (index, loop) in code.loops.enumerated() where !isDefined(loop.function) {
      throw fail(.code, "loop entry \(index) has no body")
    }
    let sites = try collectSites()
    try checkNodes(sites)
    for site in deopts.guards {
      guard case .indirect? = call(sites, node: site.node, site.byteOffset)?.target else {
        throw fail(.deopt, "guard at \(site.byteOffset) is at no indirect call")
      }
    }
    for state in deopts.states { try checkState(state, sites) }
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

  /// Decodes each body that a table refers to, once.
  private func collectSites() throws(ArtefactError) -> [Int: BodySites] {
    var wanted: [Int: Set<Int>] = [:]
    for loop in code.loops { wanted[Int(loop.function), default: []] = [] }
    for node in code.inlineNodes where node.parent != InlineNode.root {
      wanted[function(node.parent), default: []].insert(Int(node.callOffset))
    }
    for site in deopts.guards {
      wanted[function(site.node), default: []].insert(Int(site.byteOffset))
    }
    for frame in deopts.frames {
      wanted[function(frame.node), default: []].insert(Int(frame.byteOffset))
    }
    var sites: [Int: BodySites] = [:]
    for (function, offsets) in wanted {
      sites[function] = try BodySites(module, function: function, calls: offsets)
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

  private func checkDispatch() throws(ArtefactError) {
    for row in code.dispatch {
      guard Int(row.table) < module.tables.count, Int(row.typeIndex) < module.types.count,
        module.tables[Int(row.table)].element == .funcref
      else { throw fail(.code, "dispatch table of what is not there") }
    }
  }

  private func checkNodes(_ sites: [Int: BodySites]) throws(ArtefactError) {
    for (index, node) in code.inlineNodes.enumerated() where node.parent != InlineNode.root {
      let call = call(sites, node: node.parent, node.callOffset)
      let fits =
        switch call?.target {
        case .function(let target)?: target == Int(node.function)
        case .indirect(let typeIndex, _)?:
          module.types[typeIndex] == module.type(ofFunction: Int(node.function))
        case nil: false
        }
      guard fits else { throw fail(.code, "inlining node \(index) stands for no call of its body") }
    }
  }

  private func checkLoops(_ sites: [Int: BodySites]) throws(ArtefactError) -> Int {
    var slots = 0
    for loop in code.loops {
      let function = Int(loop.function)
      guard sites[function]?.loops.contains(Int(loop.byteOffset)) == true else {
        throw fail(.code, "no loop of function \(function) is at \(loop.byteOffset)")
      }
      slots = max(
        slots,
        module.localCount(ofFunction: function) + module.functions[function].maxOperandHeight)
    }
    return slots
  }

  // MARK: Deopts

  private func checkState(_ state: DeoptState, _ sites: [Int: BodySites]) throws(ArtefactError) {
    let first = Int(state.firstFrame)
    let innermost = first + Int(state.frameCount) - 1
    for index in first...innermost {
      let frame = deopts.frames[index]
      let function = function(frame.node)
      guard let call = call(sites, node: frame.node, frame.byteOffset),
        var operands = call.operands
      else { throw fail(.deopt, "frame state at \(frame.byteOffset) is at no call") }
      if index < innermost {
        // Its call is under way and has taken its operands.
        var taken = call.type(in: module).parameters.count
        if case .indirect = call.target { taken += 1 }
        operands.removeLast(min(taken, operands.count))
      }
      guard Int(frame.localCount) == module.localCount(ofFunction: function),
        deopts.localTypes(frame) == module.localTypes(ofFunction: function),
        deopts.operandTypes(frame) == operands
      else {
        throw fail(.deopt, "frame state at \(frame.byteOffset) has other types than the module")
      }
    }
  }

  private func checkPoints() throws(ArtefactError) {
    for point in deopts.points {
      let state = deopts.states[Int(point.state)]
      let root = function(deopts.frames[Int(state.firstFrame)].node)
      let row = code.functions[root - module.importedFunctionCount]
      guard row.isSpeculative, point.codeOffset > row.entry,
        point.codeOffset - row.entry <= row.entrySize
      else { throw fail(.deopt, "deopt point outside of its function's code") }
    }
  }

  private func checkLocations() throws(ArtefactError) {
    for row in locations.rows where row.node != InlineNode.root {
      guard module.functions[function(row.node)].body.contains(Int(row.byteOffset)) else {
        throw fail(.locations, "location outside of its function's body")
      }
    }
  }
}

extension Module {
  /// Number of a function's locals, parameters included.
  func localCount(ofFunction index: Int) -> Int {
    functions[index].localGroups.reduce(type(ofFunction: index).parameters.count) { $0 + $1.count }
  }
}
