import Runtime

/// The engine's side: a thin adapter.
extension WASI {
  /// Offers both interfaces, `wasi_snapshot_preview1` and `wasi_unstable`.
  public func define(in linker: Linker) throws(UsageError) {
    for version in WASIVersion.allCases {
      for function in WASI.functions(version) {
        try linker.defineFunction(version.rawValue, function.name, function.type) { slots in
          slots[0] = UInt64(try self.call(function, try self.boundMemory(), slots).rawValue)
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

  private func boundMemory() throws(WASIConfigurationError) -> GuestMemory {
    guard let memory else {
      throw WASIConfigurationError("a WASI function was called before bind(_:)")
    }
    // The memory never moves, and `self` keeps it alive; its length is fetched for each call.
    return GuestMemory(base: memory.base, count: memory.byteCount)
  }
}
