import Contract
import Wasm

/// An instance of a module (spec 4.2.5), as the host has it: it keeps its store. The instance itself is the store's and lives as long as that.
public final class Instance {
  /// The store that owns this instance.
  public let store: Store
  package let body: InstanceBody

  init(_ body: InstanceBody, in store: Store) {
    self.body = body
    self.store = store
  }

  /// Instantiates a module, and runs its start function (spec 4.5.4).
  /// - Parameters:
  ///   - imports: one for each of the module's imports, in order.
  ///   - beforeStart: called when all but the start function is done.
  /// - Throws: `LinkError`; `Trap` from segments or the start function; `ResourceError`; `ProfileError` if the module's recorder cannot make
  ///   its file; host errors.
  public static func instantiate(
    _ module: CompiledModule, in store: Store, imports: [Extern],
    beforeStart: (Instance) throws -> Void = { _ in }
  ) throws -> Instance {
    try instantiate(module, in: store, imports: imports, whenMade: { _ in }, beforeStart)
  }

  /// - Parameter whenMade: see ``InstanceBody/instantiate(_:in:imports:whenMade:_:)``.
  static func instantiate(
    _ module: CompiledModule, in store: Store, imports: [Extern],
    whenMade: (InstanceBody) -> Void, _ beforeStart: (Instance) throws -> Void
  ) throws -> Instance {
    let body = try InstanceBody.instantiate(
      module, in: store, imports: imports, whenMade: whenMade,
      { try beforeStart(Instance($0, in: store)) })
    return Instance(body, in: store)
  }

  /// The module with its code.
  public var compiledModule: CompiledModule { body.compiledModule }
  /// The module that was instantiated.
  public var module: Module { body.module }
  /// By memory index, imports first.
  public var memories: [Memory] { body.memories }
  /// By table index, imports first.
  public var tables: [Table] { body.tables }
  /// By tag index, imports first.
  public var tags: [Tag] { body.tags }

  package var layout: ContextLayout { body.layout }
  /// See ``ContextLayout``.
  package var context: UnsafeMutableRawPointer { body.context }
  package var counters: UnsafeMutableRawPointer? { body.counters }

  /// - Parameter index: in the function index space.
  package func function(_ index: Int) -> Function { body.function(index) }

  /// - Parameter index: in the global index space.
  package func global(_ index: Int) -> Global { body.global(index) }
}

extension Instance: Hashable {
  /// Whether both are the same instance.
  public static func == (a: Instance, b: Instance) -> Bool { a.body === b.body }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(body)) }
}
