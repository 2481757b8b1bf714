import CRuntime
import Contract

/// Functions that compiled code calls through C: implementations of ``RuntimeCall``, and lazy compilation. All run on the
/// host's stack, and receive the context of an instance.
enum RuntimeEntryPoints {
  /// Must be called before any code runs. Idempotent.
  static func register() { _ = registered }

  private static let registered: Void = {
    precondition(RuntimeCall.allCases.count <= Int(WPGO_RUNTIME_CALLS), "store.h has no room")
    for call in RuntimeCall.allCases {
      guard let function = implementation(of: call) else { continue }
      wpgo_set_runtime_call(Int32(call.rawValue), function)
    }
    wpgo_set_lazy_handler(compileLazily)
  }()

  private typealias Context = UnsafeMutableRawPointer
  private typealias Call1 = @convention(c) (Context, UInt64) -> UInt64
  private typealias Call2 = @convention(c) (Context, UInt64, UInt64) -> UInt64
  private typealias Call3 = @convention(c) (Context, UInt64, UInt64, UInt64) -> UInt64
  private typealias Call4 = @convention(c) (Context, UInt64, UInt64, UInt64, UInt64) -> UInt64
  private typealias Call5 =
    @convention(c) (Context, UInt64, UInt64, UInt64, UInt64, UInt64) -> UInt64

  /// Each function has ``RuntimeCall/operandCount`` operands. Nil for calls that are implemented in C.
  private static func implementation(of call: RuntimeCall) -> UnsafeRawPointer? {
    func address<F>(_ function: F) -> UnsafeRawPointer {
      unsafeBitCast(function, to: UnsafeRawPointer.self)
    }
    return switch call {
    case .memoryGrow: address(memoryGrow)
    case .memoryInit: address(memoryInit)
    case .dataDrop: address(dataDrop)
    case .tableGrow: address(tableGrow)
    case .tableFill: address(tableFill)
    case .tableCopy: address(tableCopy)
    case .tableInit: address(tableInit)
    case .elementDrop: address(elementDrop)
    case .otherMemoryGrow: address(otherMemoryGrow)
    case .otherMemoryInit: address(otherMemoryInit)
    case .memoryCopy, .memoryFill, .tableSet, .recordTarget, .otherMemoryCopy, .otherMemoryFill,
      .newException, .dropException, .throwException, .recordMiss:
      nil
    }
  }

  private static func status(_ trap: TrapCode?) -> UInt64 { UInt64(trap?.rawValue ?? 0) }

  private static func grow(_ context: Context, _ memory: UInt64, by delta: UInt64) -> UInt64 {
    let memory = InstanceBody.of(context).memories[Int(memory)]
    // A delta that is no Int is beyond all limits.
    return memory.grow(by: Int(clamping: delta)).map { UInt64($0) } ?? .max
  }

  private static let memoryGrow: Call1 = { context, delta in grow(context, 0, by: delta) }
  private static let otherMemoryGrow: Call2 = { context, memory, delta in
    grow(context, memory, by: delta)
  }
  private static let memoryInit: Call4 = { context, segment, destination, source, count in
    status(InstanceBody.of(context).memoryInit(Int(segment), 0, destination, source, count))
  }
  private static let otherMemoryInit: Call5 = { context, segment, memory, to, from, count in
    status(InstanceBody.of(context).memoryInit(Int(segment), Int(memory), to, from, count))
  }
  private static let dataDrop: Call1 = { context, segment in
    InstanceBody.of(context).dropData(Int(segment))
    return 0
  }
  private static let tableGrow: Call3 = { context, table, reference, delta in
    let table = InstanceBody.of(context).tables[Int(table)]
    // If interrupted, the call traps when it returns.
    let old = table.grow(by: delta, slot: reference) { wpgo_is_interrupted(context) != 0 }
    return old.map { UInt64($0) } ?? .max
  }
  private static let tableFill: Call4 = { context, table, destination, reference, count in
    status(InstanceBody.of(context).tableFill(Int(table), destination, reference, count))
  }
  private static let tableCopy: Call5 = { context, to, from, destination, source, count in
    status(InstanceBody.of(context).tableCopy(Int(to), Int(from), destination, source, count))
  }
  private static let tableInit: Call5 = { context, segment, table, destination, source, count in
    status(
      InstanceBody.of(context).tableInit(Int(segment), Int(table), destination, source, count))
  }
  private static let elementDrop: Call1 = { context, segment in
    InstanceBody.of(context).dropElement(Int(segment))
    return 0
  }

  private static let compileLazily:
    @convention(c) (UnsafeMutableRawPointer?, UInt32) -> UnsafeRawPointer? = {
      context, function in
      guard let context else { return nil }
      return InstanceBody.of(context).compile(Int(function))
    }
}

extension InstanceBody {
  /// Compiles a function that is called for the first time. Stores the error for the failing call.
  fileprivate func compile(_ function: Int) -> UnsafeRawPointer? {
    do {
      let module = baselineOnly ?? compiledModule
      let address = try module.baseline(function: function, for: store.interrupter).address
      context.storeBytes(of: address, toByteOffset: layout.entry(function), as: UInt.self)
      return UnsafeRawPointer(bitPattern: address)
    } catch {
      store.hostError = error
      return nil
    }
  }
}
