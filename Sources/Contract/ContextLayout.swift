import Wasm

/// Layout of an instance's context, which every compiled function receives in rdi. A fixed header is followed by arrays whose
/// lengths are derived from the module, so that compiler and runtime compute the same offsets. All offsets are in bytes.
/// "Fixed" fields do not change once the instance is built.
public struct ContextLayout: Sendable {
  // MARK: Header
  /// Pointer to the store's state (C struct `wpgo_store`). Fixed. Host functions' contexts begin with this field as well.
  public static let store = 0
  /// Base address of memory 0. Fixed: memories grow without moving.
  public static let memoryBase = 8
  /// Pointer to memory 0's ``MemoryStateLayout``. Fixed.
  public static let memory = 16
  /// Pointer to the overflow area of the calling convention. Fixed.
  public static let overflowArea = 24
  /// A function traps if its rsp is below this after its prologue. Fixed: wasm runs on the store's own stack.
  public static let stackLimit = 32
  /// Pointer to the array of ``RuntimeCall`` addresses. Fixed.
  public static let runtimeCalls = 40
  /// Address of the trap stub: rsi = ``TrapCode``, rdx = ``TrapPlace/raw`` or ``TrapPlace/fromReturnAddress``; does not return.
  /// It is called, or jumped to as if it were, from a frame that rbp points to. Fixed.
  public static let trapStub = 48
  /// Address of the deopt capture stub `ptr capture(ptr context)`, which is called as a statepoint. It decodes the frame state
  /// of its return address and returns the continuation, which the caller tail-calls with the canonical prototype. Fixed.
  public static let captureStub = 56
  /// Pointer to the buffer that passes locals and operands to an OSR entry (``OSREntry``). Fixed during a call; the runtime
  /// sizes it before any code that uses it can run.
  public static let osrBuffer = 64
  /// Pointer to an array of pointers, one for each row of the artefact's dispatch tables. Fixed.
  public static let dispatchTables = 72
  /// Set in the addresses of those stubs in dispatch tables that trap, and in no other's.
  public static let dispatchStubBit = 1
  /// Pointer to what the instance counts, else null: while recording, its profile counters; of an artefact's instance, its ``MissTable``.
  /// Changes only while none of its code runs.
  public static let counters = 80
  /// Pointer to the instance's `struct wpgo_deopt`; null without AOT code. Fixed.
  public static let deoptimizer = 88
  /// The runtime's own object for the instance; compiled code does not use it. Fixed.
  public static let instance = 96
  /// Pointer to an array with a byte for each OSR entry of the artefact, in the order of its loop table; null without AOT code.
  /// If a byte is non-zero, the loop's next iteration in baseline code copies its slots and enters the OSR entry. Fixed.
  public static let loopRequests = 104
  /// Pointer to the addresses of the artefact's OSR entries, in the same order; null without AOT code. Fixed.
  public static let loopCode = 112
  /// Pointer to the instance's cached call targets while recording, else null. At the offset that a site's record has among the
  /// counters, it holds the reference last found in the record's first slot, after its type was checked. Fixed.
  public static let siteTargets = 120
  /// Size of the header; the arrays follow.
  public static let headerSize = 128

  /// By memory index. The header contains the fields of the first one.
  public let memories: [MemoryDescriptor]

  // MARK: Arrays
  /// u32 canonical type IDs by type index: equal IDs mean equal types, across all modules of the process.
  public let typeIDs: Int
  /// 16 bytes for each global. For a defined one, the value (low 8 bytes; an f32 or i32 in the low 4). For an imported one, a
  /// pointer to the defining instance's 16 bytes.
  public let globals: Int
  /// 16 bytes for each table: the pointer to its ``TableLayout``, then the address of element 0. Both are fixed.
  public let tables: Int
  /// 16 bytes for each memory but the first: the address of its first byte, then the pointer to its ``MemoryStateLayout``. Both
  /// are fixed.
  public let otherMemories: Int
  /// 8 bytes for each function, imports included: the address that direct calls currently use. Changes when the function is
  /// first compiled, and when its deopt budget is exhausted.
  public let entries: Int
  /// ``FuncRefLayout/size`` bytes for each function: the target of `ref.func i`. That of an imported function is a copy.
  public let funcRefs: Int
  /// 8 bytes for each tag, imports included: the address that identifies it (``ExceptionLayout/tag``). Fixed.
  public let tags: Int
  /// Size of the whole context.
  public let size: Int

  /// Computes the layout of the contexts of a module's instances.
  public init(_ module: Module) {
    var offset = Self.headerSize
    func take(_ count: Int, _ stride: Int) -> Int {
      defer { offset += (count * stride + 15) & ~15 }
      return offset
    }
    typeIDs = take(module.types.count, 4)
    globals = take(module.globals.count, 16)
    tables = take(module.tables.count, 16)
    let otherMemories = take(max(0, module.memories.count - 1), 16)
    self.otherMemories = otherMemories
    memories = module.memories.enumerated().map { index, type in
      let base = index == 0 ? Self.memoryBase : otherMemories + 16 * (index - 1)
      return MemoryDescriptor(type: type, base: base, state: base + 8)
    }
    entries = take(module.functions.count, 8)
    funcRefs = take(module.functions.count, FuncRefLayout.size)
    tags = take(module.tags.count, 8)
    size = offset
  }

  /// Offset of a type's u32 ID.
  public func typeID(_ index: Int) -> Int { typeIDs + 4 * index }
  /// Offset of a global's 16 bytes.
  public func global(_ index: Int) -> Int { globals + 16 * index }
  /// Offset of the pointer to a table's ``TableLayout``.
  public func table(_ index: Int) -> Int { tables + 16 * index }
  /// Offset of the address of a table's element 0.
  public func tableElements(_ index: Int) -> Int { tables + 16 * index + 8 }
  /// Offset of the address that direct calls of a function load.
  public func entry(_ function: Int) -> Int { entries + 8 * function }
  /// Offset of the pointer to a tag's record.
  public func tag(_ index: Int) -> Int { tags + 8 * index }
  /// Offset of a function's ``FuncRefLayout``.
  public func funcRef(_ function: Int) -> Int { funcRefs + FuncRefLayout.size * function }
}

/// A non-null function reference points to one of these; null is 0. (`externref` values are opaque non-zero handles; null is
/// 0.)
public enum FuncRefLayout {
  /// Address to call.
  public static let code = 0
  /// Context to pass in rdi: that of the defining instance, or of a host function.
  public static let context = 8
  /// u32 canonical type ID: that of the type it was defined with, which may be a subtype of the one it is called by.
  public static let typeID = 16
  /// u32 index in the defining instance's function index space; ``hostFunction`` for host functions.
  public static let functionIndex = 20
  /// Pointer to the ``SupertypesLayout`` of the type. Fixed.
  public static let supertypes = 24
  /// Size of a record.
  public static let size = 32

  /// ``functionIndex`` of a host function.
  public static let hostFunction: UInt32 = 0xFFFF_FFFF
}

/// What a type is a subtype of, by depth: a type with d declared supertypes above it is a supertype of exactly those whose entry d it
/// is (N. H. Cohen, Type-extension type tests can be performed in constant time, 1991).
public enum SupertypesLayout {
  /// u32 number of entries: the type's own depth, and 1.
  public static let count = 0
  /// u32 canonical ID of the supertype of this depth; the last entry is the type's own.
  public static func entry(_ depth: Int) -> Int { 4 + 4 * depth }
}

/// A table's state. Elements are 8-byte references at a fixed address (reserved up to the table's maximum).
public enum TableLayout {
  /// Address of element 0. Fixed.
  public static let elements = 0
  /// u64 number of elements.
  public static let length = 8
  /// u64: 1 as long as no entry has changed since instantiation applied the module's own active segments.
  public static let pristine = 16
  /// Size of a table's state.
  public static let size = 64
}

/// A memory's state.
public enum MemoryStateLayout {
  /// Fixed.
  public static let base = 0
  /// u64 number of accessible bytes.
  public static let byteLength = 8
  /// u64: the number of bytes to which the memory can grow. Fixed.
  public static let capacity = 16
  /// Size of a memory's state.
  public static let size = 64
}
