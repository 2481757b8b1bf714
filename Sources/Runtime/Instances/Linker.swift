import Wasm

/// Finds imports by name and instantiates modules in one store.
public final class Linker {
  /// Where modules are instantiated.
  public let store: Store
  private struct Key: Hashable {
    let module: ExactName
    let name: ExactName

    init(_ module: String, _ name: String) {
      self.module = ExactName(module)
      self.name = ExactName(name)
    }
  }
  private var items: [Key: Extern] = [:]

  /// A linker without definitions.
  public init(_ store: Store) { self.store = store }

  /// Defines what imports of `module` and `name` get. The last definition counts.
  public func define(_ module: String, _ name: String, _ item: Extern) {
    items[Key(module, name)] = item
  }

  /// Defines all exports of an instance as importable from `module`.
  public func define(_ module: String, _ instance: Instance) {
    for name in instance.exportNames {
      if let item = instance.export(name) { define(module, name, item) }
    }
  }

  /// Defines a host function, see ``Store/makeFunction(_:_:)``.
  public func defineFunction(
    _ module: String, _ name: String, _ type: FunctionType,
    _ body: @escaping (CallSlots) throws -> Void
  ) throws(UsageError) {
    define(module, name, .function(try store.makeFunction(type, body)))
  }

  /// The definition for imports of `module` and `name`; nil if there is none.
  public func lookUp(_ module: String, _ name: String) -> Extern? {
    items[Key(module, name)]
  }

  /// Instantiates a module with imports of this linker, and runs its start function (spec 4.5.4).
  /// - Parameter beforeStart: called when all but the start function is done.
  /// - Throws: as ``Instance/instantiate(_:in:imports:beforeStart:)``.
  public func instantiate(
    _ module: CompiledModule, beforeStart: (Instance) throws -> Void = { _ in }
  ) throws -> Instance {
    var imports: [Extern] = []
    for wanted in module.module.imports {
      guard let item = lookUp(wanted.module, wanted.name) else {
        throw LinkError(message: "unknown import: \(wanted.module).\(wanted.name)")
      }
      imports.append(item)
    }
    return try Instance.instantiate(
      module, in: store, imports: imports, beforeStart: beforeStart)
  }
}
