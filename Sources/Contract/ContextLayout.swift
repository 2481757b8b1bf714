import Wasm

/// Layout of an instance's context, which every compiled function gets in rdi. A fixed header is
/// followed by arrays whose lengths follow from the module, so that compiler and runtime compute the same offsets.
/// All offsets in bytes. "Fixed" fields never change once the instance is built.
public struct ContextLayout: Sendable {
  // MARK: Header
  /// Pointer to the store's state (C struct `wpgo_store`). Fixed. Host contexts begin with it too.
  public static let store = 0
  /// Base address of memory 0. Fixed: memories grow without moving.
  public static let memoryBase = 8
  /// Pointer to memory 0's ``MemoryStateLayout``. Fixed.
  public static let memory = 16
  /// Pointer to the overflow area of the calling convention. Fixed.
  public static let overflowArea = 24
  /// A function whose rsp is below this after its prologue traps. Fixed: wasm runs on the store's own stack.
  public static let stackLimit = 32
  /// Pointer to the array of ``RuntimeCall`` addresses. Fixed.
  public static let runtimeCalls = 40
  /// Address of the trap stub: canonical prototype, rsi = ``TrapCode``, rdx = ``TrapPlace/raw`` or
  /// ``TrapPlace/fromReturnAddress``; never returns. Jumped to (AOT) or called (baseline). Fixed.
  public static let trapStub = 48
  /// Address of the deopt capture stub `ptr capture(ptr context)`: called as a statepoint. It decodes
  /// the frame state of its return address and returns the continuation, which the caller tail-jumps to with
  /// the canonical prototype. Fixed.
  public static let captureStub = 56
  /// Pointer to the buffer that carries locals and operands into an OSR entry (``OSREntry``). Fixed
  /// during a call; the runtime sizes it before any code that uses it can run.
  public static let osrBuffer = 64
  /// Pointer to an array of pointers, one for each row of the artefact's dispatch tables. Fixed.
  public static let dispatchTables = 72
  /// Pointer to the instance's profile counters while recording, else null. Fixed.
  public static let counters = 80
  /// Pointer to the instance's `struct wpgo_deopt`; null without AOT code. Fixed.
  public static let deoptimizer = 88
  /// The runtime's own object for the instance; compiled code leaves it alone. Fixed.
  public static let instance = 96
  /// Pointer to one byte an OSR entry of the artefact, in the order of its loop table; null without AOT code.
  /// Non-zero: the loop's turns in baseline code copy their homes and leave for the OSR entry. Fixed.
  public static let loopRequests = 104
  /// Pointer to the addresses of the artefact's OSR entries, in the same order; null without AOT code. Fixed.
  public static let loopCode = 112
  /// Pointer to the instance's targets of call sites while recording, else null: at the place that a site's record has among
  /// the counters, the reference that was last found in its first slot, once its type was checked. Fixed.
  public static let siteTargets = 120
  /// Bytes of the header; the arrays follow.
  public static let headerSize = 128

  /// By memory index. The header has the fields of the first.
  public let memories: [MemoryDescriptor]

  // MARK: Arrays
  /// u32 canonical type ids by type index: equal ids, equal types, across all modules of the process.
  public let typeIDs: Int
  /// 16 bytes a global. Defined here: the value (low 8 bytes; an f32 or i32 in the low 4). Imported: a pointer to the
  /// defining instance's 16 bytes.
  public let globals: Int
  /// 16 bytes a table: pointer to its ``TableLayout``, then the address of element 0. Both fixed.
  public let tables: Int
  /// 8 bytes a function (imports included): the address a direct call goes to now. Changes when a
  /// function is first compiled, and when its deopt budget is used up.
  public let entries: Int
  /// ``FuncRefLayout/size`` bytes a function: the target of `ref.func i`. An imported function's is a copy.
  public let funcRefs: Int
  /// Bytes of the whole context.
  public let size: Int

  /// The layout of the contexts of a module's instances.
  public init(_ module: Module) {
    memories = module.memories.prefix(1).map {
      MemoryDescriptor(type: $0, base: Self.memoryBase, state: Self.memory)
    }
    var offset = Self.headerSize
    func take(_ count: Int, _ stride: Int) -> Int {
      defer { offset += (count * stride + 15) & ~15 }
      return offset
    }
    typeIDs = take(module.types.count, 4)
    globals = take(module.globals.count, 16)
    tables = take(module.tables.count, 16)
    entries = take(module.functions.count, 8)
    funcRefs = take(module.functions.count, FuncRefLayout.size)
    size = offset
  }

  /// Offset of the u32 id of a type.
  public func typeID(_ index: Int) -> Int { typeIDs + 4 * index }
  /// Offset of a global's 16 bytes.
  public func global(_ index: Int) -> Int { globals + 16 * index }
  /// Offset of the pointer to a table's ``TableLayout``.
  public func table(_ index: Int) -> Int { tables + 16 * index }
  /// Offset of the address of a table's element 0.
  public func tableElements(_ index: Int) -> Int { tables + 16 * index + 8 }
  /// Offset of the address that direct calls of a function load.
  public func entry(_ function: Int) -> Int { entries + 8 * function }
  /// Offset of a function's ``FuncRefLayout``.
  public func funcRef(_ function: Int) -> Int { funcRefs + FuncRefLayout.size * function }
}

/// A function reference points to one of these; null is 0. (`externref` values are opaque non-zero
/// handles, null is 0.)
public enum FuncRefLayout {
  /// Address to call.
  public static let code = 0
  /// Context to pass in rdi: of the defining instance, or of a host function.
  public static let context = 8
  /// u32 canonical type id.
  public static let typeID = 16
  /// u32 index in the defining instance's function index space; ``hostFunction`` for host functions.
  public static let functionIndex = 20
  /// Bytes of a record.
  public static let size = 32

  /// ``functionIndex`` of a host function.
  public static let hostFunction: UInt32 = 0xFFFF_FFFF
}

/// A table's state. Elements are 8-byte references at a fixed address (reserved up to the table's maximum).
public enum TableLayout {
  /// Address of element 0. Fixed.
  public static let elements = 0
  /// u64 number of elements.
  public static let length = 8
  /// u64: 1 while no entry was changed since instantiation put the module's own active segments in place.
  public static let pristine = 16
  /// Bytes of a table's state.
  public static let size = 64
}

/// A memory's state.
public enum MemoryStateLayout {
  /// Fixed.
  public static let base = 0
  /// u64 accessible bytes.
  public static let byteLength = 8
  /// Bytes of a memory's state.
  public static let size = 64
}
