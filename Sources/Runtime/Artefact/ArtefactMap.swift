import Contract
import Synchronization
import Wasm

/// A wasm instruction of a function's body, which may be inlined.
public struct ArtefactPlace: Sendable, Hashable {
  /// Index in the module's function index space.
  public var function: Int
  /// Byte offset in the module.
  public var byteOffset: Int

  /// Creates a place from a byte offset in the module.
  public init(function: Int, byteOffset: Int) {
    self.function = function
    self.byteOffset = byteOffset
  }
}

/// Maps an artefact's machine code to wasm instructions. Separate from the ``Artefact``, so that the process's code registry
/// does not keep the artefact alive.
final class ArtefactMap: Sendable {
  let image: ArtefactImage
  let tables: ArtefactTables
  var module: Module { tables.module }
  /// The code's registration with the signal handler. Set once, by ``register()``.
  let range = Mutex<UInt>(0)

  init(image: ArtefactImage, tables: ArtefactTables) {
    self.image = image
    self.tables = tables
  }

  var textAddress: UInt { UInt(bitPattern: image.text.baseAddress) }
  var textSize: Int { image.text.count }

  func contains(address: UInt) -> Bool { address &- textAddress < UInt(textSize) }

  // MARK: Places

  /// Innermost first.
  func places(address: UInt) -> [ArtefactPlace] {
    guard contains(address: address) else { return [] }
    if let (baseline, codeOffset) = baseline(at: address) {
      let function = Int(baseline.row.function)
      let place = baseline.place(at: codeOffset, in: module.functions[function].body)
      return [ArtefactPlace(function: function, byteOffset: place)]
    }
    guard let location = tables.locations.locate(Int(address - textAddress)) else { return [] }
    return tables.places(location)
  }

  /// The baseline code that contains an address, and the address's offset in it.
  func baseline(at address: UInt) -> (BaselineTable.Function, codeOffset: Int)? {
    guard contains(address: address) else { return nil }
    let offset = Int(address - textAddress)
    return tables.baseline.row(containing: offset).map { ($0, offset - Int($0.row.code)) }
  }

  /// The places of a memory access that faulted in optimized code: the access that traps.
  func places(faultAt address: UInt) -> [ArtefactPlace] {
    guard contains(address: address),
      let location = tables.locations.locate(fault: Int(address - textAddress))
    else { return [] }
    return tables.places(location)
  }

  /// Like ``places(address:)``. For code that belongs to no instruction, the places of the nearest preceding code in its
  /// function, or else of the nearest following code. Empty only outside functions. Slow; meant for code that was interrupted.
  func nearestPlaces(address: UInt) -> [ArtefactPlace] {
    guard contains(address: address) else { return [] }
    let offset = Int(address - textAddress)
    guard let (function, range) = version(at: offset) else { return [] }
    let (before, behind) = (range.prefix { $0 <= offset }.reversed(), range.drop { $0 <= offset })
    let locations = tables.locations
    let nearest =
      before.lazy.compactMap { locations.locate($0) }.first
      ?? behind.lazy.compactMap { locations.locate($0) }.first
    if let nearest { return tables.places(nearest) }
    return [
      ArtefactPlace(function: function, byteOffset: module.functions[function].body.lowerBound)
    ]
  }

  /// The function that has a version which contains the offset.
  private func version(at offset: Int) -> (function: Int, range: Range<Int>)? {
    func range(_ start: UInt32, _ size: UInt32) -> Range<Int> {
      Int(start)..<Int(start) + Int(size)
    }
    for (index, row) in tables.code.functions.enumerated() {
      let function = module.importedFunctionCount + index
      let entry = range(row.entry, row.entrySize)
      if entry.contains(offset) { return (function, entry) }
      guard row.isSpeculative else { continue }
      let generic = range(row.generic, row.genericSize)
      if generic.contains(offset) { return (function, generic) }
    }
    for row in tables.code.loops {
      let loop = range(row.entry, row.entrySize)
      if loop.contains(offset) { return (Int(row.function), loop) }
    }
    return nil
  }
}
