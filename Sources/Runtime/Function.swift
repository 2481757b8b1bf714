import CRuntime
import Contract
import Wasm

/// A function of an instance or of the host (spec 4.2.6), as a reference to it.
public struct Function: Hashable {
  /// See ``FuncRefLayout``; lives as long as the store.
  package let record: UnsafeRawPointer
  unowned let store: Store
  private let canonicalType: CanonicalType

  init(record: UnsafeRawPointer, store: Store) {
    self.record = record
    self.store = store
    canonicalType = CanonicalType.withID(
      record.load(fromByteOffset: FuncRefLayout.typeID, as: UInt32.self))
  }

  /// Nil for the null reference.
  init?(reference: UInt64, store: Store) {
    // References in wasm code's hands come from contexts and host functions of the store.
    guard let record = UnsafeRawPointer(bitPattern: UInt(reference)) else { return nil }
    self.init(record: record, store: store)
  }

  public var type: FunctionType { canonicalType.type }
  var typeID: UInt32 { canonicalType.id }
  package var reference: UInt64 { UInt64(UInt(bitPattern: record)) }

  public static func == (a: Function, b: Function) -> Bool { a.record == b.record }
  public func hash(into hasher: inout Hasher) { hasher.combine(record) }

  /// Calls the function.
  /// - Throws: `Trap`; whatever a host function threw; `UsageError` if the arguments do not fit the type.
  public func call(_ arguments: [Value] = []) throws -> [Value] {
    let type = type
    guard arguments.count == type.parameters.count,
      zip(arguments, type.parameters).allSatisfy({ $0.fits($1, in: store) })
    else { throw UsageError(message: "\(arguments) are no arguments for \(type)") }
    let count = max(1, arguments.count, type.results.count)
    return try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { slots in
      let slots = slots.baseAddress!
      for (index, argument) in arguments.enumerated() { slots[index] = argument.slot }
      try call(slots: slots)
      return type.results.indices.map {
        Value(slot: slots[$0], type: type.results[$0], store: store)
      }
    }
  }

  /// Calls the function without checks or allocation.
  /// - Parameter slots: arguments (``Value/slot``) going in, results coming out; room for the more numerous of both.
  ///   They must be of the function's type, references of its store.
  public func call(slots: UnsafeMutablePointer<UInt64>) throws {
    let store = store
    var registers = wpgo_registers()
    try withUnsafeMutablePointer(to: &registers) { registers in
      let area = UnsafeMutableRawPointer(registers)
      for (index, place) in canonicalType.parameters.enumerated() {
        place.store(slots[index], area, store.overflowArea)
      }
      let code = record.load(fromByteOffset: FuncRefLayout.code, as: UnsafeRawPointer.self)
      let context = record.load(
        fromByteOffset: FuncRefLayout.context, as: UnsafeMutableRawPointer.self)
      try store.enter(code: code, context: context, registers: registers)
      // Results use rax, rdx and xmm0, xmm1: the first two of either kind.
      for (index, place) in canonicalType.results.enumerated() {
        slots[index] = place.load(area, store.overflowArea)
      }
    }
  }
}

extension Function: CustomStringConvertible {
  public var description: String { "function \(type)" }
}
