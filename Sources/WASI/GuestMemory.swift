/// A guest's linear memory for the duration of one call. Every access is checked against its current length;
/// one that is not wholly inside throws ``WASIErrno/fault``. Addresses need no alignment.
public struct GuestMemory {
  package let base: UnsafeMutableRawPointer
  /// Length in bytes.
  package let count: Int

  /// `count` bytes at `base` must stay readable and writable while the value is in use.
  public init(base: UnsafeMutableRawPointer, count: Int) {
    self.base = base
    self.count = count
  }
}

extension GuestMemory {
  /// The bytes `address ..< address + size`.
  package func bytes(_ address: UInt32, _ size: Int) throws(WASIErrno)
    -> UnsafeMutableRawBufferPointer
  {
    let start = Int(address)
    guard size >= 0, size <= count, start <= count - size else { throw .fault }
    // In bounds: start + size <= count, just checked; the initializer's promise covers the rest.
    return UnsafeMutableRawBufferPointer(start: base + start, count: size)
  }

  package func bytes(_ address: UInt32, _ size: UInt32) throws(WASIErrno)
    -> UnsafeMutableRawBufferPointer
  { try bytes(address, Int(size)) }

  /// A place for a result of type `T`, checked now, written later.
  package func slot<T: FixedWidthInteger>(_ address: UInt32, _: T.Type) throws(WASIErrno) -> Slot<T>
  {
    Slot(bytes: try bytes(address, MemoryLayout<T>.size))
  }

  package struct Slot<T: FixedWidthInteger> {
    fileprivate let bytes: UnsafeMutableRawBufferPointer

    package func store(_ value: T) { bytes.storeBytes(of: value.littleEndian, as: T.self) }
  }

  /// Copies the path at `address`, NUL-terminated for the host. Paths are strings in the witx, so other bytes
  /// than UTF-8 are `ilseq`; NUL bytes, which no host path can hold, are `inval`.
  package func path(_ address: UInt32, _ size: UInt32) throws(WASIErrno) -> [UInt8] {
    let bytes = try self.bytes(address, size)
    guard bytes.count < Self.maximumPathLength else { throw .nametoolong }
    guard !bytes.contains(0) else { throw .inval }
    guard isUTF8(bytes) else { throw .ilseq }
    return Array(bytes) + [0]
  }

  /// Linux's PATH_MAX, its NUL included.
  package static let maximumPathLength = 4096
}

/// Little-endian fields of a record in guest memory. Offsets are the layout's constants; an offset outside traps.
extension UnsafeMutableRawBufferPointer {
  package func load<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
    T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  package func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  package func zero() { _ = initializeMemory(as: UInt8.self, repeating: 0) }
}

private func isUTF8(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
  String(validating: bytes, as: UTF8.self) != nil
}
