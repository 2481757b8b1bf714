import Glibc

/// Memory of trivial values whose bytes are all zero at first; freed together. Large tables cost nothing until they are used.
final class ZeroedMemory {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { for block in blocks { free(block) } }

  func allocate<T: BitwiseCopyable>(_ count: Int) throws(ResourceError) -> UnsafeMutablePointer<T> {
    guard let memory = calloc(max(1, count), MemoryLayout<T>.stride) else {
      throw ResourceError(message: "no memory for what deoptimization needs")
    }
    blocks.append(memory)
    // Sized and aligned for T, of which all zeros is a value: integers, and optional pointers that are nil.
    return memory.bindMemory(to: T.self, capacity: max(1, count))
  }
}
