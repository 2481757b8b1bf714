import Contract
import Wasm

/// What the sections of an artefact say, checked: each table in itself, against the others, against the module and the
/// machine code's size. Apart from the ``Artefact``, so that all checks can be run without mapping a file.
package struct ArtefactTables: Sendable {
  let module: Module
  package let code: CodeTables
  package let deopts: DeoptTable
  package let locations: LocationTable
  /// Bytes of the largest buffer that an OSR entry takes locals and operands from.
  let osrBufferSize: Int

  package typealias Contents =
    (ArtefactSection) throws(ArtefactError) -> UnsafeRawBufferPointer

  /// - Parameters:
  ///   - module: valid.
  ///   - contents: of the sections, without their headers. The memory must outlive the tables.
  package init(
    module: Module, manifest: ArtefactManifest, text: UnsafeRawBufferPointer, contents: Contents
  ) throws(ArtefactError) {
    guard manifest.textSize == UInt64(text.count) else {
      throw ArtefactError(.corrupt, "code has another size than the manifest says")
    }
    self.module = module
    code = try CodeTables(decoding: contents(.code), textSize: text.count)
    deopts = try DeoptTable(
      decoding: contents(.deopt), textSize: text.count, inlineNodes: code.inlineNodes)
    locations = try LocationTable(
      decoding: contents(.locations), textSize: text.count, nodeCount: code.inlineNodes.count)
    guard Int(manifest.guardCount) == deopts.guards.count else {
      throw ArtefactError(.corrupt, "number of guards differs from the manifest's")
    }
    osrBufferSize = try ArtefactCheck(
      module: module, code: code, deopts: deopts, locations: locations
    ).run()
  }

  /// The compares in the code that guards with a deopt rest on.
  package func guardTests(
    text: UnsafeRawBufferPointer, contents: Contents
  ) throws(ArtefactError) -> ArtefactTable<GuardTest> {
    try GuardTests.decode(contents(.guards), text: text, guardCount: deopts.guards.count)
  }

  /// What was planned for each call site and why.
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

  /// - Parameter location: in a version with deopts.
  package func trapPlace(speculative location: CodeLocation) -> TrapPlace {
    var root = Int(location.node)
    let nodes = code.inlineNodes
    while nodes[root].parent != InlineNode.root { root = Int(nodes[root].parent) }
    return TrapPlace(
      definedFunction: Int(nodes[root].function) - module.importedFunctionCount,
      isSpeculative: true,
      location: CodeLocation(
        node: location.node - UInt32(root), byteOffset: location.byteOffset))
  }

  package func places(_ location: CodeLocation) -> [ArtefactPlace] {
    var result: [ArtefactPlace] = []
    let nodes = code.inlineNodes
    var node = location.node
    var byteOffset = Int(location.byteOffset)
    // Ends: a node's parent has a smaller index.
    while Int(node) < nodes.count {
      let row = nodes[Int(node)]
      result.append(ArtefactPlace(function: Int(row.function), byteOffset: byteOffset))
      byteOffset = Int(row.callOffset)
      node = row.parent
    }
    return result
  }
}
