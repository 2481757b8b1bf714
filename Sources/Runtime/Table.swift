import CRuntime
import Contract
import Wasm

/// A table of references (spec 4.2.7) at a fixed address: the range up to its maximum is reserved.
public final class Table {
  /// As declared; `limits.min` is the initial size.
  public let declaredType: TableType
  public let maximumCount: Int
  unowned let store: Store
  /// See ``TableLayout``.
  package let state: UnsafeMutableRawPointer
  package let elements: UnsafeMutablePointer<UInt64>
  private let reservation: Int

  init(_ type: TableType, store: Store) throws(ResourceError) {
    let most = min(
      UInt64(max(0, min(store.limits.tableElements, 1 << 32))), type.limits.max ?? .max)
    guard type.limits.min <= most else {
      throw ResourceError(message: "table of \(type.limits.min) elements is beyond the limit")
    }
    // At least one element, so that there is an address.
    reservation = max(1, Int(most)) * 8
    guard let start = wpgo_reserve(reservation) else {
      throw ResourceError(message: "no address space for a table")
    }
    declaredType = type
    maximumCount = Int(most)
    self.store = store
    elements = start.assumingMemoryBound(to: UInt64.self)
    state = .allocate(byteCount: TableLayout.size, alignment: 64)
    state.initializeMemory(as: UInt8.self, repeating: 0, count: TableLayout.size)
    state.storeBytes(
      of: UInt(bitPattern: start), toByteOffset: TableLayout.elements, as: UInt.self)
    isPristine = true
    guard grow(by: type.limits.min, slot: 0) != nil else {
      throw ResourceError(message: "no memory for a table of \(type.limits.min) elements")
    }
  }

  deinit {
    wpgo_release(elements, reservation)
    state.deallocate()
  }

  public private(set) var count: Int {
    get { Int(state.load(fromByteOffset: TableLayout.length, as: UInt64.self)) }
    set {
      state.storeBytes(of: UInt64(newValue), toByteOffset: TableLayout.length, as: UInt64.self)
    }
  }

  /// Whether no entry was written since the instance that defines the table was initialized.
  public internal(set) var isPristine: Bool {
    get { state.load(fromByteOffset: TableLayout.pristine, as: UInt64.self) != 0 }
    set {
      state.storeBytes(
        of: newValue ? 1 : 0, toByteOffset: TableLayout.pristine, as: UInt64.self)
    }
  }

  /// The type as imports see it: with the current size.
  var currentType: TableType {
    TableType(
      element: declaredType.element,
      limits: Limits(min: UInt64(count), max: declaredType.limits.max))
  }

  /// Whether `count` elements from `index` on are within the table.
  func contains(_ index: UInt64, _ count: UInt64) -> Bool {
    let size = UInt64(self.count)
    return count <= size && index <= size - count
  }

  // MARK: Host access

  public func get(_ index: Int) throws(UsageError) -> Value {
    guard index >= 0, index < count else { throw UsageError(message: "no table element \(index)") }
    return Value(slot: elements[index], type: declaredType.element, store: store)
  }

  public func set(_ index: Int, _ value: Value) throws(UsageError) {
    guard index >= 0, index < count else { throw UsageError(message: "no table element \(index)") }
    try check(value)
    isPristine = false
    elements[index] = value.slot
  }

  /// Grows by a number of elements, each `value`.
  /// - Returns: The size before; nil if the table's limits refuse.
  public func grow(by delta: Int, _ value: Value) throws(UsageError) -> Int? {
    try check(value)
    return delta < 0 ? nil : grow(by: UInt64(delta), slot: value.slot)
  }

  private func check(_ value: Value) throws(UsageError) {
    guard value.fits(declaredType.element, in: store) else {
      throw UsageError(message: "table of \(declaredType.element) cannot hold \(value)")
    }
  }

  /// Entries that were there stay what they were, so this does not clear ``isPristine``.
  func grow(by delta: UInt64, slot: UInt64) -> Int? {
    let old = count
    guard delta <= UInt64(maximumCount - old) else { return nil }
    guard wpgo_commit(elements, (old + Int(delta)) * 8) != 0 else { return nil }
    // Beyond the old size the elements are zero: nothing else writes them.
    if slot != 0 { (elements + old).update(repeating: slot, count: Int(delta)) }
    count = old + Int(delta)
    return old
  }
}
