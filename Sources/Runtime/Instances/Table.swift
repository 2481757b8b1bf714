import CRuntime
import Contract
import Wasm

/// A table of references (spec 4.2.7) at a fixed address: the range up to its maximum is reserved.
public final class Table {
  /// As declared; `limits.min` is the initial size.
  public let declaredType: TableType
  /// Elements to which the table can grow.
  public let maximumCount: Int
  unowned let store: Store
  /// See ``TableLayout``.
  package let state: UnsafeMutableRawPointer
  package let elements: UnsafeMutablePointer<UInt64>
  private let reservation: Int
  /// Elements that are zero, beyond ``count`` too, begin here.
  private var zeroStart = 0

  init(_ type: TableType, store: Store) throws(ResourceError) {
    let most = min(
      UInt64(max(0, min(store.limits.tableElements, 1 << 32))), type.limits.max ?? .max)
    guard type.limits.min <= most, store.hasRoom(forTableElements: type.limits.min) else {
      throw ResourceError(
        message: "with a table of \(type.limits.min) elements, tables are beyond the limit of "
          + "\(store.limits.tableElements) elements together",
        limit: .tableElements)
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
    guard grow(by: type.limits.min, slot: 0, isInterrupted: { false }) != nil else {
      throw ResourceError(message: "no memory for a table of \(type.limits.min) elements")
    }
  }

  deinit {
    wpgo_release(elements, reservation)
    state.deallocate()
  }

  /// Current number of elements.
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
  package var currentType: TableType {
    var type = declaredType
    type.limits.min = UInt64(count)
    return type
  }

  /// Whether `count` elements from `index` on are within the table.
  func contains(_ index: UInt64, _ count: UInt64) -> Bool {
    let size = UInt64(self.count)
    return count <= size && index <= size - count
  }

  /// Gives all elements of a new table their first value.
  func initialize(_ slot: UInt64) { _ = fill(0..<count, slot) { false } }

  // MARK: Host access

  /// The reference at an index.
  /// - Throws: `UsageError` beyond the end.
  public func get(_ index: Int) throws(UsageError) -> Value {
    guard index >= 0, index < count else { throw UsageError(message: "no table element \(index)") }
    return Value(slot: elements[index], type: declaredType.element, store: store)
  }

  /// Changes the reference at an index.
  /// - Throws: `UsageError` beyond the end, or if the value does not fit the table.
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
    return delta < 0 ? nil : grow(by: UInt64(delta), slot: value.slot) { false }
  }

  private func check(_ value: Value) throws(UsageError) {
    guard value.fits(declaredType.element, in: store) else {
      throw UsageError(message: "table of \(declaredType.element) cannot hold \(value)")
    }
  }

  /// Entries that were there stay what they were, so this does not clear ``isPristine``.
  /// - Parameter isInterrupted: asked every now and then; if it is so, nil is returned.
  func grow(by delta: UInt64, slot: UInt64, isInterrupted: () -> Bool) -> Int? {
    let old = count
    guard delta <= UInt64(maximumCount - old), store.hasRoom(forTableElements: delta) else {
      return nil
    }
    let new = old + Int(delta)
    guard wpgo_commit(elements, new * 8) != 0, fill(old..<new, slot, isInterrupted) else {
      return nil
    }
    store.countTableElements(delta)
    count = new
    return old
  }

  /// Gives elements that are to be a value; those that are zero already cost nothing.
  private func fill(_ range: Range<Int>, _ slot: UInt64, _ isInterrupted: () -> Bool) -> Bool {
    let end = slot == 0 ? min(range.upperBound, zeroStart) : range.upperBound
    guard range.lowerBound < end else { return true }
    zeroStart = max(zeroStart, end)
    return inPortions(end - range.lowerBound, isInterrupted) { start, count in
      (elements + range.lowerBound + start).update(repeating: slot, count: count)
    }
  }
}

/// Does what takes long a portion at a time: less than a millisecond, even where each page is touched for the first time.
/// - Parameters:
///   - count: of elements of eight bytes.
///   - isBackward: from the end.
///   - body: gets the start and the number of elements.
/// - Returns: whether it was done; else it was interrupted.
@inline(__always)
func inPortions(
  _ count: Int, isBackward: Bool = false, _ isInterrupted: () -> Bool,
  _ body: (_ start: Int, _ count: Int) -> Void
) -> Bool {
  let portion = 1 << 17
  if count <= portion {
    body(0, count)
    return true
  }
  var done = 0
  while done < count {
    if isInterrupted() { return false }
    let next = min(portion, count - done)
    body(isBackward ? count - done - next : done, next)
    done += next
  }
  return true
}
