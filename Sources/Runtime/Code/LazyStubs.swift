import CRuntime
import Synchronization

/// Stubs that compile a function when it is first called: `mov eax, index; jmp wpgo_lazy`. They depend on the
/// function's index only, so that all modules of the process share them. Never freed.
enum LazyStubs {
  private static let stride = 16
  private static let countPerBlock = 4_096

  /// Addresses of blocks of stubs, each after a header of one stride that holds the long jump.
  private static let blocks = Mutex<[UInt]>([])

  /// Makes stubs for the functions below `count`.
  static func reserve(count: Int) throws(ResourceError) {
    let needed = (count + countPerBlock - 1) / countPerBlock
    try blocks.withLock { blocks throws(ResourceError) in
      while blocks.count < needed { blocks.append(try makeBlock(blocks.count)) }
    }
  }

  /// - Parameter function: below a count that was reserved.
  static func address(function: Int) -> UInt {
    let (block, index) = function.quotientAndRemainder(dividingBy: countPerBlock)
    return blocks.withLock { $0[block] } + UInt((1 + index) * stride)
  }

  private static func makeBlock(_ number: Int) throws(ResourceError) -> UInt {
    var code = [UInt8](repeating: 0xCC, count: (1 + countPerBlock) * stride)
    func put(_ offset: Int, _ bytes: some Sequence<UInt8>) {
      for (index, byte) in bytes.enumerated() { code[offset + index] = byte }
    }
    put(0, [0xFF, 0x25, 0, 0, 0, 0])  // jmp [rip]
    put(6, littleEndian(UInt64(UInt(bitPattern: wpgo_lazy_stub()))))
    for index in 0..<countPerBlock {
      let offset = (1 + index) * stride
      put(offset, [0xB8])  // mov eax, function
      put(offset + 1, littleEndian(UInt32(number * countPerBlock + index)))
      put(offset + 5, [0xE9])  // jmp to the header
      put(offset + 6, littleEndian(Int32(-(offset + 10))))
    }
    guard let start = wpgo_code_allocate(code.count), wpgo_code_write(start, code, code.count) != 0
    else { throw ResourceError(message: "no memory for machine code") }
    return UInt(bitPattern: start)
  }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
