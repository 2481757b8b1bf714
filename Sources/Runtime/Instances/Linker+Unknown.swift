import Wasm

extension Linker {
  /// What stands in for a function that nobody defines.
  public enum Substitute: Sendable {
    /// It traps, and says which one it is.
    case trap
    /// It returns zeros and null references; where there is no such reference, it traps.
    case zero
  }

  /// Defines whatever a module imports and nobody has defined yet: functions as `substitute` says; memories, tables, globals and tags
  /// anew, of the declared types, filled with zeros and null references.
  /// - Throws: `LinkError` for a table or global whose type has no null; `ResourceError`.
  public func defineUnknownImports(
    of module: CompiledModule, by substitute: Substitute
  ) throws {
    for wanted in module.module.imports where !isDefined(wanted.module, wanted.name) {
      define(wanted.module, wanted.name, try stand(in: wanted, of: module, substitute))
    }
  }

  private func stand(
    in wanted: Import, of module: CompiledModule, _ substitute: Substitute
  ) throws -> Extern {
    let name = "\(wanted.module).\(wanted.name)"
    func checkDefault(_ type: ValueType) throws(LinkError) {
      guard type.hasDefault else {
        throw LinkError(message: "unknown import: \(name), and \(type) has no default value")
      }
    }
    switch wanted.type {
    case .function(let typeIndex):
      let type = module.types[typeIndex]
      let results = type.type.results
      let isZero = substitute == .zero && results.allSatisfy(\.hasDefault)
      return .function(
        store.makeFunction(type) { slots in
          guard isZero else { throw Trap(host: "unknown import: \(name) was called") }
          for (index, type) in results.enumerated() {
            if type == .v128 { slots[vector: index] = .zero } else { slots[index] = 0 }
          }
        })
    case .table(let type):
      try checkDefault(type.element)
      return .table(try store.addTable(module.closed(type)))
    case .memory(let type): return .memory(try store.makeMemory(type))
    case .global(let type):
      try checkDefault(type.value)
      return .global(try store.addGlobal(module.closed(type), nil))
    case .tag(let type): return .tag(store.addTag(module.types[type.typeIndex]))
    }
  }
}
