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
  private enum Item {
    case ready(Extern)
    /// A function for each instance that imports it.
    case perCaller(FunctionType, (Instance, CallSlots) throws -> Void)
  }
  private var items: [Key: Item] = [:]

  /// A linker without definitions.
  public init(_ store: Store) { self.store = store }

  /// Defines what imports of `module` and `name` get. The last definition counts.
  public func define(_ module: String, _ name: String, _ item: Extern) {
    items[Key(module, name)] = .ready(item)
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

  /// The same for a function that needs to know its caller.
  /// - Parameter body: also gets the instance that imports it, whoever calls it through that instance's tables and exports.
  public func defineFunction(
    _ module: String, _ name: String, _ type: FunctionType,
    _ body: @escaping (_ caller: Instance, CallSlots) throws -> Void
  ) throws(UsageError) {
    try Store.checkHostFunction(type)
    items[Key(module, name)] = .perCaller(type, body)
  }

  /// The definition for imports of `module` and `name`; nil if there is none, or one that depends on the importing instance.
  public func lookUp(_ module: String, _ name: String) -> Extern? {
    if case .ready(let item) = items[Key(module, name)] { item } else { nil }
  }

  /// Whether imports of `module` and `name` have a definition.
  public func isDefined(_ module: String, _ name: String) -> Bool {
    items[Key(module, name)] != nil
  }

  /// Instantiates a module with imports of this linker, and runs its start function (spec 4.5.4).
  /// - Parameter beforeStart: called when all but the start function is done.
  /// - Throws: as ``Instance/instantiate(_:in:imports:beforeStart:)``.
  public func instantiate(
    _ module: CompiledModule, beforeStart: (Instance) throws -> Void = { _ in }
  ) throws -> Instance {
    let caller = Caller()
    var imports: [Extern] = []
    for wanted in module.module.imports {
      switch items[Key(wanted.module, wanted.name)] {
      case .ready(let item)?: imports.append(item)
      case .perCaller(let type, let body)?:
        let function = try store.makeFunction(type) { slots in
          guard let instance = caller.instance else { preconditionFailure("called by nobody") }
          try body(Instance(instance, in: instance.store), slots)
        }
        imports.append(.function(function))
      case nil: throw LinkError(message: "unknown import: \(wanted.module).\(wanted.name)")
      }
    }
    return try Instance.instantiate(
      module, in: store, imports: imports, whenMade: { caller.instance = $0 }, beforeStart)
  }

  /// Whom functions are made for, known before any code of it runs.
  private final class Caller {
    /// The store keeps it as long as the functions.
    unowned var instance: InstanceBody?
  }
}
