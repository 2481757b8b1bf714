import CRuntime
import Contract
import Feedback
import Glibc
import Wasm

/// What the store owns of an ``Instance``.
package final class InstanceBody {
  unowned let store: Store
  let compiledModule: CompiledModule
  var module: Module { compiledModule.module }
  var layout: ContextLayout { compiledModule.layout }
  /// See ``ContextLayout``.
  let context: UnsafeMutableRawPointer
  /// Index spaces, imports first.
  let memories: [Memory]
  /// By table index, imports first.
  let tables: [Table]
  /// By tag index, imports first.
  let tags: [Tag]
  /// By element segment.
  var isElementDropped: [Bool] = []
  /// The module without ahead-of-time code, if instantiation failed.
  private(set) var baselineOnly: CompiledModule?
  /// What is left of each data segment, as ranges of the module's bytes.
  var data: [Range<Int>] = []
  /// Keeps what ahead-of-time code's ``ModuleCode/attach(to:)`` made.
  private(set) var attachment: AnyObject?
  /// For runtime calls in C.
  private let state: UnsafeMutablePointer<wpgo_instance>
  /// ``ContextLayout/siteTargets``.
  private let siteTargets: UnsafeMutableRawPointer?

  /// Makes the context: all but segments and the start function.
  private init(_ module: CompiledModule, in store: Store, imports: ResolvedImports) throws {
    try store.checkRoomForInstance()
    self.store = store
    compiledModule = module
    memories =
      try imports.memories
      + module.module.memories[imports.memories.count...].map { try store.makeMemory($0) }
    tables =
      try imports.tables
      + module.module.tables[imports.tables.count...].map {
        try store.addTable(module.closed($0))
      }
    tags =
      imports.tags
      + module.module.tags[imports.tags.count...].map {
        store.addTag(module.types[$0.typeIndex])
      }
    let size = module.layout.size
    context = .allocate(byteCount: size, alignment: 64)
    context.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    siteTargets = module.recorder.map { Self.unseenTargets($0.layout) }
    state = .allocate(capacity: 1)
    initializeHeader()
    if let recorder = module.recorder { counters = try store.counters(of: recorder) }
    try initializeFunctions(imports.functions)
    initializeTables()
    initializeTags()
    initializeGlobals(imports.globals)
    for (index, initializer) in module.module.tableInitializers {
      tables[index].initialize(evaluate(initializer).low)
    }
    isElementDropped = Array(repeating: false, count: module.module.elements.count)
    data = module.module.data.map(\.bytes)
    store.keep(self)
    // From here on, the globals live as long as the store.
    for index in module.module.globals.indices.dropFirst(imports.globals.count)
    where module.module.globals[index].type.value.representation == .exception {
      try store.exceptions.add(global: globalAddress(index))
    }
  }

  deinit {
    context.deallocate()
    state.deallocate()
    free(siteTargets)
  }

  /// - Parameter whenMade: called before segments, which may leave functions of an instance that fails in the tables of others.
  static func instantiate(
    _ module: CompiledModule, in store: Store, imports: [Extern],
    whenMade: (InstanceBody) -> Void, _ beforeStart: (InstanceBody) throws -> Void
  ) throws -> InstanceBody {
    let resolved = try ResolvedImports(imports, of: module, in: store)
    let instance = try InstanceBody(module, in: store, imports: resolved)
    whenMade(instance)
    instance.attachment = try module.code?.attach(to: instance)
    do { try instance.initializeFromSegments() } catch {
      instance.stayOnBaseline()
      store.forgetInterruption(error)
      throw error
    }
    try beforeStart(instance)
    try module.recorder?.begin()
    if let start = module.module.start { _ = try instance.function(start).call() }
    return instance
  }

  /// For an instance that is not complete, but whose functions may be in tables that live on: ahead-of-time code rests on
  /// what segments put into the instance's own tables, so none of it may run, now or later.
  private func stayOnBaseline() {
    guard let code = compiledModule.code, module.fillsImportedTables else { return }
    let entries = (context + layout.entries).assumingMemoryBound(to: UInt.self)
    func setReference(_ function: Int, _ code: UInt) {
      (context + layout.funcRef(function)).storeBytes(
        of: code, toByteOffset: FuncRefLayout.code, as: UInt.self)
    }
    let defined = module.importedFunctionCount..<module.functions.count
    do throws(ResourceError) {
      if defined.contains(where: { code.baselineCode(function: $0) == nil }) {
        let baseline = compiledModule.withoutCode()
        try baseline.initializeEntries(entries)
        let stubs = try compiledModule.entryStubs()
        for function in defined {
          setReference(function, stubs + UInt(CompiledModule.entryStubSize * function))
        }
        baselineOnly = baseline
      }
      for function in defined {
        guard let baseline = code.baselineCode(function: function) else { continue }
        entries[function] = baseline.address
        setReference(function, baseline.address)
      }
    } catch {
      // Without memory for stubs, all of its functions trap.
      let trap = UInt(bitPattern: wpgo_dispatch_null_code())
      for function in defined {
        entries[function] = trap
        setReference(function, trap)
      }
    }
  }

  /// The instance whose context compiled code holds.
  static func of(_ context: UnsafeMutableRawPointer) -> InstanceBody {
    // Compiled code has contexts of instances only, each of which leads to its owner and dies with it.
    let state = context.load(
      fromByteOffset: ContextLayout.instance, as: UnsafePointer<wpgo_instance>.self)
    return Unmanaged<InstanceBody>.fromOpaque(state.pointee.owner).takeUnretainedValue()
  }

  var codeMap: any CodeMap { compiledModule.codeMap }

  /// Whether some of its code is in a map.
  func runs(_ code: ObjectIdentifier) -> Bool {
    compiledModule.hasCode(in: code) || baselineOnly?.hasCode(in: code) == true
  }

  // MARK: Profile counters

  /// No site has found anything: not even a null reference.
  private static func unseenTargets(_ layout: FeedbackLayout) -> UnsafeMutableRawPointer {
    let size = max(8, layout.size)
    guard let memory = malloc(size) else { fatalError("out of memory") }
    return memset(memory, 0xFF, size)
  }

  /// The area that instrumented code counts in, which the store has of the module's recorder; null if there is none.
  private(set) var counters: UnsafeMutableRawPointer? {
    get {
      context.load(fromByteOffset: ContextLayout.counters, as: UnsafeMutableRawPointer?.self)
    }
    set {
      context.storeBytes(
        of: UInt(bitPattern: newValue), toByteOffset: ContextLayout.counters, as: UInt.self)
    }
  }

  private func initializeHeader() {
    func set(_ offset: Int, _ value: UInt) {
      context.storeBytes(of: value, toByteOffset: offset, as: UInt.self)
    }
    for (offset, value) in headerFields { set(offset, value) }
    set(ContextLayout.instance, UInt(bitPattern: state))
    let references = UInt64(UInt(bitPattern: context + layout.funcRefs))
    func reference(_ function: Int) -> UInt64 {
      references + UInt64(FuncRefLayout.size * function)
    }
    state.initialize(
      to: wpgo_instance(
        owner: Unmanaged.passUnretained(self).toOpaque(), tables: context + layout.tables,
        other_memories: context + layout.otherMemories,
        first_reference: reference(module.importedFunctionCount),
        end_reference: reference(module.functions.count),
        key_base: references - TargetRecord.key(function: 0)))
    set(ContextLayout.siteTargets, UInt(bitPattern: siteTargets))
  }
}
