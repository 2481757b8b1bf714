import Contract
import Synchronization
import Wasm

/// A wasm instruction of a (possibly inlined) function's body.
public struct ArtefactPlace: Sendable, Hashable {
  public var function: Int
  /// Bytes from the start of the module.
  public var byteOffset: Int

  public init(function: Int, byteOffset: Int) {
    self.function = function
    self.byteOffset = byteOffset
  }
}

/// Which wasm instructions an artefact's machine code belongs to. Apart from the ``Artefact``, so that the process's
/// registry of code does not keep that alive.
final class ArtefactMap: Sendable {
  let image: ArtefactImage
  let module: Module
  private let nodes: ArtefactTable<InlineNode>
  let locations: LocationTable
  /// For the signal handler. Set once, by ``register()``.
  let range = Mutex<UInt>(0)

  init(
    image: ArtefactImage, module: Module, nodes: ArtefactTable<InlineNode>,
    locations: LocationTable
  ) {
    self.image = image
    self.module = module
    self.nodes = nodes
    self.locations = locations
  }

  var textAddress: UInt { UInt(bitPattern: image.text.baseAddress) }
  var textSize: Int { image.text.count }

  func contains(address: UInt) -> Bool { address &- textAddress < UInt(textSize) }

  // MARK: Places

  /// Innermost first.
  func places(address: UInt) -> [ArtefactPlace] {
    guard contains(address: address), let location = locations.locate(Int(address - textAddress))
    else { return [] }
    return places(location)
  }

  // A function's versions are numbered one after the other, each from its own root: that with deopts first. Traps are
  // rare enough for a search.

  func location(of place: TrapPlace) -> CodeLocation? {
    let function = UInt32(module.importedFunctionCount + place.definedFunction)
    let isRoot = { (row: InlineNode) in row.function == function && row.parent == InlineNode.root }
    guard
      let root = place.isSpeculative
        ? nodes.firstIndex(where: isRoot) : nodes.lastIndex(where: isRoot)
    else { return nil }
    return CodeLocation(node: UInt32(root + place.node), byteOffset: place.byteOffset)
  }

  /// - Parameter location: in a version with deopts.
  func trapPlace(speculative location: CodeLocation) -> TrapPlace {
    var root = Int(location.node)
    while nodes[root].parent != InlineNode.root { root = Int(nodes[root].parent) }
    return TrapPlace(
      definedFunction: Int(nodes[root].function) - module.importedFunctionCount,
      isSpeculative: true, node: Int(location.node) - root, byteOffset: location.byteOffset)
  }

  func places(_ location: CodeLocation) -> [ArtefactPlace] {
    var result: [ArtefactPlace] = []
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
