import CRuntime
import Contract
import Wasm

/// Imports by kind, checked.
struct ResolvedImports {
  var functions: [Function] = []
  var tables: [Table] = []
  var memories: [Memory] = []
  var globals: [Global] = []
  var tags: [Tag] = []

  init(_ imports: [Extern], of module: CompiledModule, in store: Store) throws {
    let wanted = module.module.imports
    guard imports.count == wanted.count else {
      throw LinkError(message: "unknown import: \(imports.count) given, \(wanted.count) wanted")
    }
    for (item, wanted) in zip(imports, wanted) {
      guard item.matches(wanted.type, of: module) else {
        throw LinkError(message: "incompatible import type: \(wanted.module).\(wanted.name)")
      }
      guard item.store === store else {
        throw LinkError(message: "incompatible import type: of another store")
      }
      switch item {
      case .function(let function): functions.append(function)
      case .table(let table): tables.append(table)
      case .memory(let memory): memories.append(memory)
      case .global(let global): globals.append(global)
      case .tag(let tag): tags.append(tag)
      }
    }
  }
}

/// Filling in a context (``ContextLayout``).
extension InstanceBody {
  /// Fields of the header whose values do not depend on ahead-of-time code.
  var headerFields: [(offset: Int, value: UInt)] {
    [
      (ContextLayout.store, UInt(bitPattern: store.state)),
      (ContextLayout.memory, UInt(bitPattern: Self.noMemory)),
      (ContextLayout.overflowArea, UInt(bitPattern: store.overflowArea)),
      (ContextLayout.stackLimit, store.stack.limit),
      (ContextLayout.runtimeCalls, UInt(bitPattern: wpgo_runtime_call_table())),
      (ContextLayout.trapStub, UInt(bitPattern: wpgo_trap_stub())),
    ]
      + zip(layout.memories, memories).flatMap { place, memory in
        [
          (place.base, UInt(bitPattern: memory.base)),
          (place.state, UInt(bitPattern: memory.state)),
        ]
      }
  }

  /// The state of a memory of no bytes, for a module without one.
  private static nonisolated(unsafe) let noMemory: UnsafeMutableRawPointer = {
    // Immutable from here on: all zeros.
    let state = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryStateLayout.size, alignment: 64)
    state.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryStateLayout.size)
    return state
  }()

  func initializeFunctions(_ imported: [Function]) throws(ResourceError) {
    for (index, type) in compiledModule.types.enumerated() {
      context.storeBytes(of: type.id, toByteOffset: layout.typeID(index), as: UInt32.self)
    }
    let entries = (context + layout.entries).assumingMemoryBound(to: UInt.self)
    for (index, function) in imported.enumerated() {
      (context + layout.funcRef(index)).copyMemory(
        from: function.record, byteCount: FuncRefLayout.size)
      entries[index] = function.record.load(
        fromByteOffset: FuncRefLayout.code, as: UInt.self)
    }
    try compiledModule.initializeEntries(entries)
    let code = compiledModule.code
    let stubs = code == nil ? try compiledModule.entryStubs() : 0
    for index in imported.count..<module.functions.count {
      FuncRefLayout.write(
        to: context + layout.funcRef(index),
        code: code?.referenceAddress(function: index)
          ?? stubs + UInt(CompiledModule.entryStubSize * index),
        context: context, type: compiledModule.types[module.functions[index].typeIndex],
        function: UInt32(index))
    }
  }

  func initializeTables() {
    for (index, table) in tables.enumerated() {
      context.storeBytes(
        of: UInt(bitPattern: table.state), toByteOffset: layout.table(index), as: UInt.self)
      context.storeBytes(
        of: UInt(bitPattern: table.elements), toByteOffset: layout.tableElements(index),
        as: UInt.self)
    }
  }

  func initializeTags() {
    for (index, tag) in tags.enumerated() {
      context.storeBytes(
        of: UInt(bitPattern: tag.record), toByteOffset: layout.tag(index), as: UInt.self)
    }
  }

  func initializeGlobals(_ imported: [Global]) {
    for (index, global) in imported.enumerated() {
      context.storeBytes(
        of: UInt(bitPattern: global.address), toByteOffset: layout.global(index), as: UInt.self)
    }
    for index in imported.count..<module.globals.count {
      // Only imported globals have no initializer.
      guard let initializer = module.globals[index].initializer else { continue }
      context.storeBytes(
        of: evaluate(initializer), toByteOffset: layout.global(index), as: V128.self)
    }
  }

  /// The 16 bytes of a global, its own or imported.
  func globalAddress(_ index: Int) -> UnsafeMutableRawPointer {
    let field = context + layout.global(index)
    guard index < module.importedGlobalCount else { return field }
    return field.load(as: UnsafeMutableRawPointer.self)
  }

  /// What a constant expression stands for (spec 3.4.12): the slot of a value that is no vector is the low half. Validation has
  /// checked it.
  func evaluate(_ expression: ConstantExpression) -> V128 {
    var stack: [V128] = []
    func push(_ slot: UInt64) { stack.append(V128(low: slot, high: 0)) }
    func binary32(_ operation: (UInt32, UInt32) -> UInt32) {
      let right = UInt32(truncatingIfNeeded: stack.removeLast().low)
      push(UInt64(operation(UInt32(truncatingIfNeeded: stack.removeLast().low), right)))
    }
    func binary64(_ operation: (UInt64, UInt64) -> UInt64) {
      let right = stack.removeLast().low
      push(operation(stack.removeLast().low, right))
    }
    for step in expression.steps {
      switch step {
      case .constant(_, let bits): push(bits)
      case .vector(let vector): stack.append(vector)
      case .globalGet(let index):
        let (type, address) = (module.globals[index].type.value, globalAddress(index))
        if type == .v128 {
          stack.append(address.load(as: V128.self))
        } else {
          push(address.load(as: UInt64.self) & CanonicalType.slotMask(type))
        }
      case .refNull: push(0)
      case .refFunc(let index): push(UInt64(UInt(bitPattern: context + layout.funcRef(index))))
      case .i32Add: binary32(&+)
      case .i32Sub: binary32(&-)
      case .i32Mul: binary32(&*)
      case .i64Add: binary64(&+)
      case .i64Sub: binary64(&-)
      case .i64Mul: binary64(&*)
      }
    }
    return stack.removeLast()
  }
}
