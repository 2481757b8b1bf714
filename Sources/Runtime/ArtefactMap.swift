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
  let tables: ArtefactTables
  var module: Module { tables.module }
  /// For the signal handler. Set once, by ``register()``.
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
    guard contains(address: address),
      let location = tables.locations.locate(Int(address - textAddress))
    else { return [] }
    return tables.places(location)
  }
}
