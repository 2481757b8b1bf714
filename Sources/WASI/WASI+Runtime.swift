import Runtime
import Wasm

/// The engine's side: a thin adapter.
extension WASI {
  /// Offers both interfaces, `wasi_snapshot_preview1` and `wasi_unstable`.
  /// - Parameter module: offers only what this module imports; nil: everything.
  public func define(in linker: Linker, for module: Module? = nil) throws(UsageError) {
    for version in WASIVersion.allCases {
      let imports = module?.imports.filter { $0.module == version.rawValue }
      if imports?.isEmpty == true { continue }
      for function in WASI.functions(version)
      where imports?.contains(where: { $0.name == function.name }) ?? true {
        try linker.defineFunction(version.rawValue, function.name, function.type) { slots in
          // Slots of 8 bytes: no function here has vectors.
          let words = slots.address.assumingMemoryBound(to: UInt64.self)
          words[0] = UInt64(try self.call(function, try self.boundMemory(), words).rawValue)
        }
      }
    }
  }

  /// Takes the instance's exported memory `memory`. To be called before the instance's code runs:
  /// `linker.instantiate(module, beforeStart: wasi.bind)`.
  public func bind(_ instance: Instance) throws(WASIConfigurationError) {
    guard let memory = instance.exportedMemory("memory") else {
      throw WASIConfigurationError("the module exports no memory named 'memory', as WASI needs")
    }
    self.memory = memory
    interrupter = instance.store.interrupter
  }

  /// Calls what a reactor has to have called before any other of its exports (the application ABI): `_initialize`. Does nothing for
  /// a module without it, and for a command, which starts with `_start`.
  public static func initialize(_ instance: Instance) throws {
    guard instance.exportedFunction("_start") == nil,
      let function = instance.exportedFunction("_initialize"),
      function.type == FunctionType([], [])
    else { return }
    _ = try function.call()
  }

  /// Whether something here is what an import wants: a function of preview 1, with its type.
  public static func provides(_ wanted: Import, of module: Module) -> Bool {
    guard case .function(let typeIndex) = wanted.type,
      let version = WASIVersion(rawValue: wanted.module)
    else { return false }
    return functions(version).contains {
      $0.name == wanted.name && $0.type == module.functionType(typeIndex)
    }
  }

  private func boundMemory() throws(WASIConfigurationError) -> GuestMemory {
    guard let memory else {
      throw WASIConfigurationError("a WASI function was called before bind(_:)")
    }
    // The memory never moves, and `self` keeps it alive; its length is fetched for each call.
    return GuestMemory(base: memory.base, count: memory.byteCount)
  }
}
