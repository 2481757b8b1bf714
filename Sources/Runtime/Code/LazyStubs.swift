import CRuntime
import Synchronization
import X64

/// Stubs that compile a function when it is first called (`wpgo_lazy`). They depend on the function's index only, so all
/// modules of the process share them. They are never freed.
enum LazyStubs {
  private static let countPerBlock = 4_096

  /// Addresses of blocks of stubs. Each block starts with a header of one stride, which contains the long jump.
  private static let blocks = Mutex<[UInt]>([])

  /// Creates stubs for the functions below `count`.
  static func reserve(count: Int) throws(ResourceError) {
    let needed = (count + countPerBlock - 1) / countPerBlock
    try blocks.withLock { blocks throws(ResourceError) in
      while blocks.count < needed { blocks.append(try makeBlock(blocks.count)) }
    }
  }

  /// - Parameter function: must be below a reserved count.
  static func address(function: Int) -> UInt {
    let (block, index) = function.quotientAndRemainder(dividingBy: countPerBlock)
    return blocks.withLock { $0[block] } + UInt((1 + index) * MachineStubs.lazyStride)
  }

  private static func makeBlock(_ number: Int) throws(ResourceError) -> UInt {
    let first = number * countPerBlock
    let code = MachineStubs.lazyBlock(
      functions: first..<first + countPerBlock, handler: UInt(bitPattern: wpgo_lazy_stub()))
    guard let start = wpgo_code_allocate(code.count), wpgo_code_write(start, code, code.count) != 0
    else { throw ResourceError(message: "no memory for machine code") }
    return UInt(bitPattern: start)
  }
}
