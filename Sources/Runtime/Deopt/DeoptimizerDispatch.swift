import CRuntime
import Contract
import Wasm

/// The flat arrays of code addresses behind `ContextLayout.dispatchTables`. For each index of a table, an array contains the
/// code to call with the caller's own context, or a stub that traps if the entry is null or has another type.
///
/// Only tables that cannot change after instantiation have arrays, so the arrays never become stale.
final class DispatchArrays {
  /// One pointer for each row of the artefact's dispatch table; null until ``fill()``.
  let rows: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
  private let artefact: Artefact
  private let table: ArtefactTable<DispatchRow>
  private let context: UnsafeMutableRawPointer
  private let layout: ContextLayout
  private let types: [CanonicalType]
  private var lengths: [Int]

  /// - Parameter types: of the artefact's module, by type index.
  init(
    artefact: Artefact, context: UnsafeMutableRawPointer, layout: ContextLayout,
    types: [CanonicalType]
  ) {
    self.artefact = artefact
    table = artefact.code.dispatch
    self.context = context
    self.layout = layout
    self.types = types
    rows = .allocate(capacity: max(1, table.count))
    rows.initialize(repeating: nil, count: max(1, table.count))
    lengths = Array(repeating: 0, count: table.count)
  }

  /// Creates the arrays from the tables' contents after instantiation.
  /// - Throws: if a table has a function that is not this instance's.
  func fill() throws(ArtefactError) {
    for (index, row) in table.enumerated() where rows[index] == nil {
      // Fields of the context, and of the table state that it points to.
      let state = context.load(
        fromByteOffset: layout.table(Int(row.table)), as: UnsafeRawPointer.self)
      let elements = state.load(
        fromByteOffset: TableLayout.elements, as: UnsafePointer<UInt>?.self)
      let length = Int(state.load(fromByteOffset: TableLayout.length, as: UInt64.self))
      let type = types[Int(row.typeIndex)]
      let array = UnsafeMutablePointer<UInt>.allocate(capacity: max(1, length))
      array.initialize(repeating: 0, count: max(1, length))
      rows[index] = array
      lengths[index] = length
      for number in 0..<length {
        // In bounds: `length` elements are accessible.
        let reference = elements.map { $0[number] } ?? 0
        if let stub = stub(reference, type) {
          array[number] = stub
        } else {
          array[number] = try code(reference)
        }
      }
    }
  }

  /// The stub for an entry that cannot be called.
  private func stub(_ reference: UInt, _ type: CanonicalType) -> UInt? {
    guard let record = UnsafeRawPointer(bitPattern: reference) else {
      return UInt(bitPattern: wpgo_dispatch_null_code())
    }
    // A non-null reference points to a record that lives as long as the store.
    let id = record.load(fromByteOffset: FuncRefLayout.typeID, as: UInt32.self)
    return id == type.id || CanonicalType.withID(id).isSubtype(of: type)
      ? nil : UInt(bitPattern: wpgo_dispatch_mismatch_code())
  }

  /// - Parameter reference: not null, and of the right type.
  private func code(_ reference: UInt) throws(ArtefactError) -> UInt {
    // As above.
    let record = UnsafeRawPointer(bitPattern: reference)!
    let callee = record.load(fromByteOffset: FuncRefLayout.context, as: UInt.self)
    guard callee == UInt(bitPattern: context) else {
      // The compiler makes arrays only for tables whose functions of the type are all the module's own.
      throw ArtefactError(
        .corrupt, "dispatch table of a table with foreign functions",
        section: ArtefactSection.code.rawValue)
    }
    let function = Int(record.load(fromByteOffset: FuncRefLayout.functionIndex, as: UInt32.self))
    // The speculative version itself, until `replace` is called. The record holds a jump through the entry.
    return artefact.isSpeculative(function: function)
      ? context.load(fromByteOffset: layout.entry(function), as: UInt.self)
      : record.load(fromByteOffset: FuncRefLayout.code, as: UInt.self)
  }

  deinit {
    for index in lengths.indices { rows[index]?.deallocate() }
    rows.deallocate()
  }

  /// Replaces each occurrence of `old` by `new`.
  func replace(_ old: UInt, by new: UInt) {
    for (index, length) in lengths.enumerated() {
      guard let array = rows[index] else { continue }
      for number in 0..<length where array[number] == old { array[number] = new }
    }
  }
}
