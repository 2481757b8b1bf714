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
  private let code: CodeTables
  let locations: LocationTable
  /// For the signal handler. Set once, by ``register()``.
  let range = Mutex<UInt>(0)

  init(
    image: ArtefactImage, module: Module, code: CodeTables, locations: LocationTable
  ) {
    self.image = image
    self.module = module
    self.code = code
    self.locations = locations
  }

  private var nodes: ArtefactTable<InlineNode> { code.inlineNodes }

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

  /// The same, and where no instruction has this code, what is before it in its function, or else behind it. Empty only outside of
  /// functions. Slow: for code that was interrupted.
  func nearestPlaces(address: UInt) -> [ArtefactPlace] {
    guard contains(address: address) else { return [] }
    let offset = Int(address - textAddress)
    guard let (function, range) = version(at: offset) else { return [] }
    let nearest =
      range.prefix { $0 <= offset }.reversed().lazy.compactMap(locations.locate).first
      ?? range.drop { $0 <= offset }.lazy.compactMap(locations.locate).first
    if let nearest { return places(nearest) }
    return [
      ArtefactPlace(function: function, byteOffset: module.functions[function].body.lowerBound)
    ]
  }

  /// The function whose code, in one of its versions, an offset is in.
  private func version(at offset: Int) -> (function: Int, range: Range<Int>)? {
    func range(_ start: UInt32, _ size: UInt32) -> Range<Int> {
      Int(start)..<Int(start) + Int(size)
    }
    for (index, row) in code.functions.enumerated() {
      let function = module.importedFunctionCount + index
      let entry = range(row.entry, row.entrySize)
      if entry.contains(offset) { return (function, entry) }
      guard row.isSpeculative else { continue }
      let generic = range(row.generic, row.genericSize)
      if generic.contains(offset) { return (function, generic) }
    }
    for row in code.loops {
      let loop = range(row.entry, row.entrySize)
      if loop.contains(offset) { return (Int(row.function), loop) }
    }
    return nil
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
