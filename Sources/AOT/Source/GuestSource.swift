import Contract
import Wasm

/// What debug information says of the guest.
public struct GuestSource: Sendable {
  /// What stands for the module where its own source is not known. Lines of it are byte offsets.
  let fileName: String
  let names: CodeNames
  let map: SourceMap

  init(_ module: Module, names: CodeNames, map: SourceMap, fileName: String) {
    self.fileName = fileName
    self.names = names
    self.map = map
  }
}
