import CRuntime
import Contract
import Wasm

/// A linear memory (spec 4.2.8). It never moves: all that addresses and offsets lead to is reserved.
public final class Memory {
  /// As declared; `limits.min` is the initial size.
  public let declaredType: MemoryType
  /// Pages that it may grow to.
  public let maximumPageCount: Int
  /// Bytes of address space from ``base`` on.
  private let reservation: Int
  unowned let store: Store
  package let base: UnsafeMutableRawPointer
  /// See ``MemoryStateLayout``.
  package let state: UnsafeMutableRawPointer

  init(_ type: MemoryType, store: Store) throws(ResourceError) {
    // The store's limit is in standard pages.
    let standard = UInt64(clamping: store.limits.memoryPages)
    let (bytes, isUnlimited) = standard.multipliedReportingOverflow(
      by: 1 << UInt64(MemoryType.standardPageSizeExponent))
    let limit = min(
      (isUnlimited ? Self.greatestSize : min(bytes, Self.greatestSize))
        >> UInt64(type.pageSizeExponent), type.maximumPageCount)
    let most = min(limit, type.limits.max ?? limit)
    guard type.limits.min <= most else {
      throw ResourceError(
        message:
          "a memory of \(type.limits.min) pages is beyond the limit of \(limit)",
        limit: .memoryPages)
    }
    let capacity = Int(most) << Int(type.pageSizeExponent)
    reservation = type.reservation(capacity: capacity)
    guard let base = wpgo_reserve(reservation) else {
      throw ResourceError(
        message: "no address space for a memory that may grow to \(most) pages")
    }
    declaredType = type
    maximumPageCount = Int(most)
    self.store = store
    self.base = base
    state = .allocate(byteCount: MemoryStateLayout.size, alignment: 64)
    state.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryStateLayout.size)
    state.storeBytes(
      of: UInt(bitPattern: base), toByteOffset: MemoryStateLayout.base, as: UInt.self)
    state.storeBytes(of: capacity, toByteOffset: MemoryStateLayout.capacity, as: Int.self)
    guard grow(by: Int(type.limits.min)) != nil else {
      throw ResourceError(message: "no memory for \(type.limits.min) pages")
    }
  }

  deinit {
    wpgo_release(base, reservation)
    state.deallocate()
  }

  /// Current size in bytes.
  public private(set) var byteCount: Int {
    get { Int(state.load(fromByteOffset: MemoryStateLayout.byteLength, as: UInt64.self)) }
    set {
      state.storeBytes(
        of: UInt64(newValue), toByteOffset: MemoryStateLayout.byteLength, as: UInt64.self)
    }
  }

  /// Current size in pages.
  public var pageCount: Int { byteCount / declaredType.pageSize }

  /// The type as imports see it: with the current size.
  package var currentType: MemoryType {
    var type = declaredType
    type.limits.min = UInt64(pageCount)
    return type
  }

  var range: wpgo_range {
    let start = UInt(bitPattern: base)
    return wpgo_range(start: start, end: start + UInt(reservation))
  }

  /// Bytes that no processor of today has addresses for; so sums of sizes and reservations do not overflow.
  private static let greatestSize: UInt64 = 1 << 47

  /// Grows by a number of pages, filled with zeros.
  /// - Returns: The size before, in pages; nil if the memory's limits or the system refuse.
  public func grow(by pages: Int) -> Int? {
    let old = pageCount
    guard pages >= 0, pages <= maximumPageCount - old else { return nil }
    let bytes = pages * declaredType.pageSize
    guard commit(byteCount + bytes) else { return nil }
    byteCount += bytes
    return old
  }

  /// Makes all of the machine's pages accessible that have one of the first `end` bytes.
  private func commit(_ end: Int) -> Bool {
    let granularity = 1 << 12
    let start = byteCount & ~(granularity - 1)
    let size = (end - start + granularity - 1) & ~(granularity - 1)
    return end == byteCount || wpgo_commit(base + start, size) != 0
  }

  /// Whether `count` bytes from `address` on are within the memory.
  public func contains(_ address: UInt64, _ count: UInt64) -> Bool {
    let size = UInt64(byteCount)
    return count <= size && address <= size - count
  }

  /// The memory's bytes, valid during the call. `body` must not run wasm code that grows it and rely on the new size.
  public func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    // Pages up to byteCount are committed for as long as this object lives.
    try body(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
  }

  /// Copies `count` bytes out; nil if they are not all within the memory.
  public func read(at address: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0, contains(address, UInt64(count)) else { return nil }
    return Array(UnsafeRawBufferPointer(start: base + Int(address), count: count))
  }

  /// - Returns: Whether the bytes fit; nothing is written if they do not.
  public func write(_ bytes: [UInt8], at address: UInt64) -> Bool {
    guard contains(address, UInt64(bytes.count)) else { return false }
    bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      (base + Int(address)).copyMemory(from: start, byteCount: source.count)
    }
    return true
  }
}
