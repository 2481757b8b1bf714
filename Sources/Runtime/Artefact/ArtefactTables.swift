import Contract
import Wasm

/// The decoded sections of an artefact. The code's tables are checked by themselves and against the module. Deopt points and
/// locations, of which a run needs few, are checked when they are used: ``check(_:)``; ``checkAll()`` checks them all. Separate
/// from the ``Artefact``, so that all checks can run without mapping a file.
package struct ArtefactTables: Sendable {
  let module: Module
  package let code: CodeTables
  package let baseline: BaselineTable
  /// The defined functions without any code, ascending.
  let functionsWithoutCode: [Int]
  package let deopts: DeoptTable
  package let locations: LocationTable
  package let handlers: HandlerTable
  private let textSize: Int

  package typealias Contents =
    (ArtefactSection) throws(ArtefactError) -> UnsafeRawBufferPointer

  /// - Parameters:
  ///   - module: must be valid.
  ///   - contents: returns the sections' contents, without headers. Their memory must outlive the tables.
  package init(
    module: Module, manifest: ArtefactManifest, text: UnsafeRawBufferPointer, contents: Contents
  ) throws(ArtefactError) {
    guard manifest.textSize == UInt64(text.count) else {
      throw ArtefactError(.corrupt, "code has another size than the manifest says")
    }
    self.module = module
    code = try CodeTables(decoding: contents(.code), textSize: text.count)
    let baseline = try BaselineTable(decoding: contents(.baseline), textSize: text.count)
    self.baseline = baseline
    functionsWithoutCode = code.baseline.map { Int($0.function) }.filter {
      baseline.row(function: $0) == nil
    }
    deopts = try DeoptTable(decoding: contents(.deopt))
    locations = try LocationTable(
      decoding: contents(.locations), nodeCount: code.inlineNodes.count)
    handlers = try HandlerTable(decoding: contents(.handlers), textSize: text.count)
    textSize = text.count
    guard Int(manifest.guardCount) == deopts.guards.count else {
      throw ArtefactError(.corrupt, "number of guards differs from the manifest's")
    }
    try check.checkCode()
  }

  private var check: ArtefactCheck {
    ArtefactCheck(
      module: module, code: code, baseline: baseline, deopts: deopts, locations: locations,
      textSize: textSize)
  }

  /// Checks a row of ``deopts`` and all that it refers to; must be called before it is used.
  package func check(_ point: DeoptPoint) throws(ArtefactError) { try check.check(point) }

  /// Checks the module's bodies, all deopt points and all locations.
  package func checkAll() throws(ArtefactError) { try check.checkAll() }

  /// The compares in the code that guards with a deopt use.
  package func guardTests(
    text: UnsafeRawBufferPointer, contents: Contents
  ) throws(ArtefactError) -> ArtefactTable<GuardTest> {
    try GuardTests.decode(contents(.guards), text: text, guardCount: deopts.guards.count)
  }

  /// The plan's decision for each call site, with its reason.
  package func siteReport(contents: Contents) throws(ArtefactError) -> SiteReport {
    try SiteReport(
      decoding: contents(.sites), nodeCount: code.inlineNodes.count,
      functionCount: module.functions.count)
  }
}

// MARK: Places

extension ArtefactTables {
  package func location(of place: TrapPlace) -> CodeLocation? {
    guard code.functions.indices.contains(place.definedFunction) else { return nil }
    let row = code.functions[place.definedFunction]
    return place.location.renumbered(from: Int(place.isSpeculative ? row.node : row.genericNode))
  }

  /// - Parameter location: in a speculative version.
  package func trapPlace(speculative location: CodeLocation) -> TrapPlace {
    let root = code.inlineNodes.root(of: location.node)
    return TrapPlace(
      definedFunction: Int(code.inlineNodes[Int(root)].function) - module.importedFunctionCount,
      isSpeculative: true,
      location: CodeLocation(node: location.node - root, byteOffset: location.byteOffset))
  }

  /// Empty for a location outside of its node's body.
  package func places(_ location: CodeLocation) -> [ArtefactPlace] {
    var result: [ArtefactPlace] = []
    let nodes = code.inlineNodes
    let chains = InlineChains(nodes, of: module)
    var next: CodeLocation? = location
    // Terminates: a node's parent has a smaller index.
    while let place = next, Int(place.node) < nodes.count {
      let function = Int(nodes[Int(place.node)].function)
      let byteOffset = Int(place.byteOffset)
      guard module.functions[function].body.contains(byteOffset) else { break }
      result.append(ArtefactPlace(function: function, byteOffset: byteOffset))
      next = chains.caller(of: place.node)
    }
    return result
  }
}
