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

  /// The places of a call, by the last byte of its instruction; innermost first. Empty only outside functions.
  func places(address: UInt) -> [ArtefactPlace] {
    if let (baseline, codeOffset) = baseline(at: address) {
      let function = Int(baseline.row.function)
      let place = baseline.place(at: codeOffset, in: module.functions[function].body)
      return [ArtefactPlace(function: function, byteOffset: place)]
    }
    return places(address) { tables.locations.locate($0) }
  }

  /// The baseline code that contains an address, and the address's offset in it.
  func baseline(at address: UInt) -> (BaselineTable.Function, codeOffset: Int)? {
    guard contains(address: address) else { return nil }
    let offset = Int(address - textAddress)
    return tables.baseline.row(containing: offset).map { ($0, offset - Int($0.row.code)) }
  }

  /// The places of a memory access that faulted in optimized code: the access that traps.
  func places(faultAt address: UInt) -> [ArtefactPlace] {
    places(address) { tables.locations.locate(fault: $0) }
  }

  /// The places of the nearest call or memory access before code that was interrupted, or of its function's start.
  func nearestPlaces(address: UInt) -> [ArtefactPlace] {
    places(address) { tables.locations.locate(near: $0) }
  }

  private func places(
    _ address: UInt, _ locate: (Int) -> CodeLocation?
  ) -> [ArtefactPlace] {
    guard contains(address: address), let location = locate(Int(address - textAddress)) else {
      return []
    }
    return tables.places(location)
  }
}
