import CRuntime

/// Pages for the machine code of one compiled module. Allocated sequentially, freed all at once.
struct CodeMemory: ~Copyable {
  private var chunks: [(start: UInt, size: Int)] = []
  /// The free part of the last chunk.
  private var next: UInt = 0
  private var end: UInt = 0

  private static let smallestChunk = 1 << 16
  private static let largestChunk = 1 << 20

  /// A chunk that a call of ``write(_:added:)`` added, for the code registry.
  typealias Chunk = (start: UInt, size: Int)

  /// Copies position-independent code to a 16-byte aligned, executable address.
  /// - Parameter added: called for each new chunk.
  mutating func write(_ bytes: [UInt8], added: (Chunk) -> Void) throws(ResourceError) -> UInt {
    let size = (bytes.count + 15) & ~15
    // In a forked process, what is left of the last chunk is the parent's.
    let hasRoom =
      Int(end - next) >= size
      && wpgo_code_is_open(UnsafeRawPointer(bitPattern: next)) != 0
    if !hasRoom { added(try addChunk(size)) }
    let address = next
    // The chunk has at least `size` bytes from `next` on.
    let written = bytes.withUnsafeBytes {
      wpgo_code_write(UnsafeMutableRawPointer(bitPattern: address), $0.baseAddress, $0.count)
    }
    guard written != 0 else { throw ResourceError(message: "machine code cannot be written") }
    next += UInt(size)
    return address
  }

  private mutating func addChunk(_ needed: Int) throws(ResourceError) -> Chunk {
    let usual = min(Self.smallestChunk << min(chunks.count, 8), Self.largestChunk)
    let size = (max(usual, needed) + 4095) & ~4095
    guard let start = wpgo_code_allocate(size) else {
      throw ResourceError(message: "no memory for machine code")
    }
    next = UInt(bitPattern: start)
    end = next + UInt(size)
    chunks.append((next, size))
    return (next, size)
  }

  var chunkStarts: [UInt] { chunks.map(\.start) }

  deinit {
    // Nothing executes the code any more: all instances retain the owner of this.
    for chunk in chunks {
      wpgo_code_free(UnsafeMutableRawPointer(bitPattern: chunk.start), chunk.size)
    }
  }
}
