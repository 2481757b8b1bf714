import CRuntime
import Contract
import Wasm

/// A function of an instance or of the host (spec 4.2.6), as a reference to it.
public struct Function: Hashable {
  /// See ``FuncRefLayout``; lives as long as the store.
  package let record: UnsafeRawPointer
  /// Kept: a reference is of no use without it.
  let store: Store
  let canonicalType: CanonicalType

  init(record: UnsafeRawPointer, store: Store) {
    self.record = record
    self.store = store
    canonicalType = CanonicalType.withID(
      record.load(fromByteOffset: FuncRefLayout.typeID, as: UInt32.self))
  }

  /// Nil for the null reference.
  package init?(reference: UInt64, store: Store) {
    // References in wasm code's hands come from contexts and host functions of the store.
    guard let record = UnsafeRawPointer(bitPattern: UInt(reference)) else { return nil }
    self.init(record: record, store: store)
  }

  /// The function's type. A concrete type in it is known by a number that the process gave it.
  public var type: FunctionType { canonicalType.type }
  /// The same for all references to a function: an instance that imports it has a record of its own.
  package var identity: (context: UInt, index: UInt32) {
    (
      record.load(fromByteOffset: FuncRefLayout.context, as: UInt.self),
      record.load(fromByteOffset: FuncRefLayout.functionIndex, as: UInt32.self)
    )
  }
  package var reference: UInt64 { UInt64(UInt(bitPattern: record)) }

  /// Whether both are the same function of the same instance.
  public static func == (a: Function, b: Function) -> Bool { a.record == b.record }
  public func hash(into hasher: inout Hasher) { hasher.combine(record) }

  /// Calls the function.
  /// - Throws: `Trap`; whatever a host function threw; `UsageError` if the arguments do not fit the type.
  public func call(_ arguments: [Value] = []) throws -> [Value] {
    let store = store
    let (parameters, results) = (canonicalType.parameters, canonicalType.results)
    guard arguments.count == parameters.count else { throw misfit(arguments) }
    return try CallSlots.withTemporary(canonicalType.slots) { slots in
      for index in 0..<arguments.count {
        guard arguments[index].fits(parameters[index].type, in: store) else {
          throw misfit(arguments)
        }
        arguments[index].write(to: slots.address(of: index))
      }
      // References of the host keep exceptions.
      try withExtendedLifetime(arguments) { try call(slots: slots) }
      var values: [Value] = []
      values.reserveCapacity(results.count)
      for index in 0..<results.count {
        values.append(
          Value(at: slots.address(of: index), type: results[index].type, store: store))
      }
      return values
    }
  }

  private func misfit(_ arguments: [Value]) -> UsageError {
    UsageError(message: "\(arguments) are no arguments for \(type)")
  }

  /// Calls the function without checks or allocation.
  /// - Parameter slots: arguments going in, results coming out, with the layout of the function's type. They must be of that type,
  ///   references of the function's store.
  public func call(slots: CallSlots) throws {
    let store = store
    let (parameters, results) = (canonicalType.parameters, canonicalType.results)
    try withUnsafeTemporaryAllocation(of: wpgo_registers.self, capacity: 1) { registers in
      // Registers that no parameter uses may hold anything; but what was on the host's stack is none of the guest's business, and tools that
      // track what is initialized lose track of registers that signal handlers set.
      let registers = registers.baseAddress!
      registers.initialize(to: wpgo_registers())
      let area = UnsafeMutableRawPointer(registers)
      for index in 0..<parameters.count {
        parameters[index].store(from: slots, index, area, store.overflowArea)
      }
      let code = record.load(fromByteOffset: FuncRefLayout.code, as: UnsafeRawPointer.self)
      let context = record.load(
        fromByteOffset: FuncRefLayout.context, as: UnsafeMutableRawPointer.self)
      try store.enter(code: code, context: context, registers: registers)
      // Results use the first two registers of either kind.
      for index in 0..<results.count {
        results[index].load(into: slots, index, area, store.overflowArea)
      }
    }
  }
}

extension Function: CustomStringConvertible {
  public var description: String { "function \(type)" }
}
