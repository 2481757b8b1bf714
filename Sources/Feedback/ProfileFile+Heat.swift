import Wasm

extension ProfileFile {
  /// Entries of all functions together that heat is turned into.
  static let assumedHeatEntries = 0x1p40

  /// A profile that only says which functions are hot, in shares that somebody measured.
  /// - Parameters:
  ///   - heat: by index of a function that the module defines, in any unit.
  ///   - module: valid.
  public init(heat: [Int: UInt64], of module: Module) {
    let identity = ModuleIdentity(module)
    let anchors = AnchorReader(module, identity)
    moduleHashes = [module.hash]
    runCount = 1
    let total = heat.values.reduce(0) { $0 + Double($1) }
    for (position, key) in identity.keys.enumerated() {
      let index = module.importedFunctionCount + position
      var function = Function(
        shape: identity.shapes[position], name: module.functionName(index) ?? "")
      if let own = heat[index], own > 0 {
        function.entryCount = UInt64(max(1, Double(own) / total * Self.assumedHeatEntries))
        function.anchors = anchors.anchors(ofFunction: index)
      }
      functions[key] = function
    }
  }
}
