import CRuntime
import Contract
import Feedback
import Glibc
import Wasm

// This folder: what the specification calls the store (spec 4.2), and the embedding interface.
//
//   Store, Store+Call      owns all below; calls functions on its stack
//   Linker, Extern         imports by name
//   Instance               what the host has of one (HostInstance.swift); `+Exports`
//   InstanceBody           what the store has; `+Context`: what compiled code sees of it; `+Segments`: bulk operations
//   Function, HostFunction, CanonicalType, Memory, Table, Global, Value     the objects

/// Owns instances, memories, tables, globals and host functions, which live as long as the store, and the stack
/// on which their code runs. Instances and functions that the host has keep their store; memories, tables, globals, tags and exceptions do
/// not: **keep the store, or an instance, as long as you use them.** A host function that keeps an instance or a function of its own store
/// keeps that for ever.
///
/// A store is used by one thread at a time, which may change from call to call. Stores on different threads
/// are independent; they can share a ``CompiledModule``.
public final class Store {
  /// What the instances of a store may use.
  public struct Limits: Sendable {
    /// Pages of 64 KiB, for each memory. Those with addresses of 32 bits have at most 65,536.
    public var memoryPages: Int = ImplementationLimits.memoryPages
    /// Elements of all tables of the store together, 8 bytes each, whether a module or the host creates them.
    public var tableElements: Int = ImplementationLimits.tableSize
    /// Bytes of the stack on which wasm code runs; memory is committed as it is used.
    public var stackSize: Int = 8 << 20
    /// Bytes of the exceptions that code keeps; the memory that the pool holds for them may be more.
    public var exceptionBytes: Int = 1 << 30

    /// Instances, which live as long as the store.
    public var instances: Int = .max

    /// The defaults: 16 GiB a memory, 10,000,000 table elements, 8 MiB of stack, 1 GiB of exceptions, any number of instances.
    public init() {}
  }

  /// What the store was made with.
  public let limits: Limits
  /// Lets other threads interrupt what the store runs.
  public let interrupter: Interrupter
  package let state: UnsafeMutablePointer<wpgo_store>
  /// Of the calling convention, for all contexts of the store.
  package let overflowArea: UnsafeMutableRawPointer
  let stack: WasmStack
  /// The records of its exceptions.
  let exceptions: ExceptionPool
  /// What a host function threw, until the call into wasm rethrows it.
  var hostError: (any Error)?
  private var instances: [InstanceBody] = []
  private var hostFunctions: [HostFunction] = []
  private var memories: [Memory] = []
  private var memoryRanges: UnsafeMutablePointer<wpgo_range>?
  private var tables: [Table] = []
  /// Of all tables.
  private var tableElementCount = 0
  private var globals: [Global] = []
  private var tags: [Tag] = []
  /// What the recorded instances count in, by recorder.
  private var counterShares: [ObjectIdentifier: CounterShare] = [:]

  /// A store without instances. The first one installs the process's signal handlers.
  /// - Throws: `ResourceError` if there is no memory for the stack.
  public init(limits: Limits = Limits()) throws(ResourceError) {
    RuntimeEntryPoints.register()
    wpgo_install_signal_handlers()
    self.limits = limits
    stack = try WasmStack(size: limits.stackSize)
    interrupter = try Interrupter()
    exceptions = try ExceptionPool(limit: limits.exceptionBytes)
    overflowArea = .allocate(byteCount: CallingConvention.overflowAreaSize, alignment: 16)
    overflowArea.initializeMemory(
      as: UInt8.self, repeating: 0, count: CallingConvention.overflowAreaSize)
    state = .allocate(capacity: 1)
    state.initialize(to: wpgo_store())
    state.pointee.wasm_sp = UnsafeMutableRawPointer(bitPattern: stack.top)
    state.pointee.stack_guard = stack.guardRange
    state.pointee.interrupt = interrupter.state
    state.pointee.exceptions = exceptions.state
    state.pointee.stack_top = stack.top
    state.pointee.overflow_area = UnsafeRawPointer(overflowArea)
    state.pointee.overflow_size = UInt64(CallingConvention.overflowAreaSize)
  }

  deinit {
    instances = []
    memoryRanges?.deallocate()
    free(state.pointee.frames)
    state.deallocate()
    overflowArea.deallocate()
  }

  /// Creates a memory that belongs to no instance.
  /// - Throws: `ResourceError` beyond the limits, or without address space.
  public func makeMemory(_ type: MemoryType) throws(ResourceError) -> Memory {
    let memory = try Memory(type, store: self)
    memories.append(memory)
    let ranges = UnsafeMutablePointer<wpgo_range>.allocate(capacity: memories.count)
    for (index, memory) in memories.enumerated() { ranges[index] = memory.range }
    // The signal handler looks only while wasm code of the store runs, on this thread.
    state.pointee.memories = UnsafePointer(ranges)
    state.pointee.memory_count = UInt64(memories.count)
    memoryRanges?.deallocate()
    memoryRanges = ranges
    return memory
  }

  /// Creates a table that belongs to no instance, all of its elements null.
  /// - Throws: `UsageError` for elements of a type that a module defines, or that cannot be null; `ResourceError`.
  public func makeTable(_ type: TableType) throws -> Table {
    guard type.element.typeIndex == nil, type.element.hasDefault else {
      throw UsageError(message: "the host cannot make tables of \(type.element)")
    }
    return try addTable(type)
  }

  /// - Parameter type: as `CanonicalType` has it.
  func addTable(_ type: TableType) throws -> Table {
    let table = try Table(type, store: self)
    tables.append(table)
    if CanonicalType.representation(of: type.element) == .exception {
      try exceptions.add(table: table.state)
    }
    return table
  }

  func hasRoom(forTableElements count: UInt64) -> Bool {
    count <= UInt64(max(0, limits.tableElements - tableElementCount))
  }

  /// - Parameter count: there must be room for.
  func countTableElements(_ count: UInt64) { tableElementCount += Int(count) }

  /// Creates a global that belongs to no instance.
  /// - Throws: `UsageError` if the value has another type, or the type is one that a module defines.
  public func makeGlobal(_ type: GlobalType, _ value: Value) throws -> Global {
    guard type.value.typeIndex == nil, value.fits(type.value, in: self) else {
      throw UsageError(message: "global of type \(type.value) cannot hold \(value)")
    }
    return try addGlobal(type, value)
  }

  /// - Parameters:
  ///   - type: as `CanonicalType` has it.
  ///   - value: nil: zero, or null.
  func addGlobal(_ type: GlobalType, _ value: Value?) throws -> Global {
    let global = Global(type, value, store: self)
    if CanonicalType.representation(of: type.value) == .exception {
      try exceptions.add(global: global.address)
    }
    globals.append(global)
    return global
  }

  /// Creates a tag, unlike all others.
  /// - Parameter type: its parameters are the types of the values of its exceptions; it must have no results.
  /// - Throws: `UsageError` for results, types that a module defines, and more values than a module's tag may have.
  public func makeTag(_ type: FunctionType) throws(UsageError) -> Tag {
    guard type.results.isEmpty, type.parameters.allSatisfy({ $0.typeIndex == nil }),
      type.parameters.count <= ImplementationLimits.parameters
    else {
      throw UsageError(message: "the host cannot make tags of type \(type)")
    }
    return addTag(CanonicalType.of(type))
  }

  func addTag(_ type: CanonicalType) -> Tag {
    let tag = Tag(type, store: self)
    tags.append(tag)
    return tag
  }

  /// Creates a function that wasm code can call.
  /// - Parameter body: gets the arguments and leaves the results in their slots. What it throws is rethrown by the call that entered wasm code.
  public func makeFunction(
    _ type: FunctionType, _ body: @escaping (CallSlots) throws -> Void
  ) throws(UsageError) -> Function {
    try Self.checkHostFunction(type)
    return makeFunction(CanonicalType.of(type), body)
  }

  static func checkHostFunction(_ type: FunctionType) throws(UsageError) {
    let types = type.parameters + type.results
    guard types.allSatisfy({ $0.typeIndex == nil }) else {
      throw UsageError(message: "host functions cannot take or return types that modules define")
    }
    guard type.parameters.count <= ImplementationLimits.parameters,
      type.results.count <= ImplementationLimits.results
    else { throw UsageError(message: "more parameters or results than a function may have") }
  }

  func makeFunction(
    _ type: CanonicalType, _ body: @escaping (CallSlots) throws -> Void
  ) -> Function {
    let function = HostFunction(type: type, store: self, body: body)
    hostFunctions.append(function)
    return Function(record: UnsafeRawPointer(function.record), store: self)
  }

  /// Bytes of the exceptions that are in use, or were when garbage was last looked for.
  public var exceptionMemory: Int { exceptions.usedBytes }

  /// The counters that all instances of a recorder's module have in this store, zero or from an earlier one.
  func counters(of recorder: Recorder) throws(ProfileError) -> UnsafeMutableRawPointer? {
    let key = ObjectIdentifier(recorder)
    if let share = counterShares[key], share.isOwn {
      return UnsafeMutableRawPointer(bitPattern: share.address)
    }
    let share = try recorder.share()
    counterShares[key] = share
    return UnsafeMutableRawPointer(bitPattern: share.address)
  }

  func keep(_ instance: InstanceBody) { instances.append(instance) }

  /// Throws if the store has as many instances as it may.
  func checkRoomForInstance() throws(ResourceError) {
    guard instances.count < limits.instances else {
      throw ResourceError(
        message: "the store has \(instances.count) instances, the limit", limit: .instances)
    }
  }

  /// The instance whose function a backtrace shows; nil if several run the same code, of which frames do not tell which one it was.
  package func instance(of frame: Trap.Frame) -> Instance? {
    let found = instances.lazy.filter { $0.runs(frame.code) }.prefix(2)
    return found.count == 1 ? found.first.map { Instance($0, in: self) } : nil
  }

  /// Whether a slot is null, or refers to a function of this store.
  func holds(reference: UInt64) -> Bool {
    reference == 0 || instances.contains { $0.holds(reference: UInt(reference)) }
      || hostFunctions.contains { UInt(bitPattern: $0.record) == UInt(reference) }
  }
}

/// The stack that wasm code of a store runs on.
final class WasmStack {
  /// Below the limit: room for what does not check, host call stubs, lazy compilation and deopt captures.
  private static let slack = 128 << 10
  /// Inaccessible; larger than the frame of any function that does not check before it touches its frame.
  private static let guardSize = 1 << 20
  private let base: UnsafeMutableRawPointer
  private let size: Int

  /// - Parameter size: bytes for wasm frames; at least 64 KiB.
  init(size: Int) throws(ResourceError) {
    let usable = (max(64 << 10, min(size, 1 << 40)) + 4095) & ~4095
    self.size = Self.guardSize + Self.slack + usable
    guard let base = wpgo_reserve(self.size) else {
      throw ResourceError(message: "no address space for a stack of \(size) bytes")
    }
    self.base = base
    guard wpgo_commit(base + Self.guardSize, Self.slack + usable) != 0 else {
      // `deinit` releases the addresses: all properties are set.
      throw ResourceError(message: "no memory for a stack of \(size) bytes")
    }
  }

  deinit { wpgo_release(base, size) }

  var top: UInt { UInt(bitPattern: base) + UInt(size) }
  /// `ContextLayout.stackLimit`.
  var limit: UInt { UInt(bitPattern: base) + UInt(Self.guardSize + Self.slack) }
  var guardRange: wpgo_range {
    wpgo_range(start: UInt(bitPattern: base), end: UInt(bitPattern: base) + UInt(Self.guardSize))
  }
  func contains(_ address: UInt) -> Bool {
    address >= guardRange.end && address < top
  }
}
