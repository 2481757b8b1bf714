import CRuntime
import Contract
import Wasm

/// A Swift closure with the context and the reference that wasm code needs to call it.
final class HostFunction {
  private let type: CanonicalType
  /// Unsafe: used while code of the store runs, which keeps it.
  private unowned(unsafe) let store: Store
  private let body: (CallSlots) throws -> Void
  private let context: UnsafeMutablePointer<wpgo_host_context>
  let record: UnsafeMutableRawPointer

  init(
    type: CanonicalType, store: Store,
    body: @escaping (CallSlots) throws -> Void
  ) {
    self.type = type
    self.store = store
    self.body = body
    context = .allocate(capacity: 1)
    record = .allocate(byteCount: FuncRefLayout.size, alignment: 32)
    record.initializeMemory(as: UInt8.self, repeating: 0, count: FuncRefLayout.size)
    FuncRefLayout.write(
      to: record, code: UInt(bitPattern: wpgo_host_call_stub()),
      context: UnsafeMutableRawPointer(context), type: type,
      function: FuncRefLayout.hostFunction)
    context.initialize(
      to: wpgo_host_context(
        store: store.state, handler: Self.handler,
        owner: Unmanaged.passUnretained(self).toOpaque()))
  }

  deinit {
    context.deallocate()
    record.deallocate()
  }

  private static let handler:
    @convention(c) (
      UnsafeMutablePointer<wpgo_host_context>?, UnsafeMutablePointer<wpgo_registers>?
    ) -> UInt64 = { context, registers in
      // The stub passes both; the store keeps the function for as long as its context can be reached.
      Unmanaged<HostFunction>.fromOpaque(context!.pointee.owner)._withUnsafeGuaranteedRef {
        $0.run(UnsafeMutableRawPointer(registers!))
      }
    }

  /// - Returns: 0, the trap that the error stands for, or `wpgo_throws`.
  private func run(_ registers: UnsafeMutableRawPointer) -> UInt64 {
    let overflow = store.overflowArea
    let (parameters, results) = (type.parameters, type.results)
    return CallSlots.withTemporary(type.slots) { slots in
      for index in 0..<parameters.count {
        parameters[index].load(into: slots, index, registers, overflow)
      }
      do {
        try body(slots)
      } catch let exception as Exception where exception.store === store {
        store.state.pointee.thrown = exception.record
        return UInt64(wpgo_throws)
      } catch {
        store.hostError = error
        return UInt64(TrapCode.hostError.rawValue)
      }
      for index in 0..<results.count {
        results[index].store(from: slots, index, registers, overflow)
      }
      return 0
    }
  }
}

extension FuncRefLayout {
  static func write(
    to record: UnsafeMutableRawPointer, code: UInt, context: UnsafeMutableRawPointer,
    type: CanonicalType, function: UInt32
  ) {
    record.storeBytes(of: code, toByteOffset: Self.code, as: UInt.self)
    record.storeBytes(of: UInt(bitPattern: context), toByteOffset: Self.context, as: UInt.self)
    record.storeBytes(of: type.id, toByteOffset: Self.typeID, as: UInt32.self)
    record.storeBytes(of: function, toByteOffset: Self.functionIndex, as: UInt32.self)
    record.storeBytes(
      of: UInt(bitPattern: type.supertypes), toByteOffset: Self.supertypes, as: UInt.self)
  }
}
