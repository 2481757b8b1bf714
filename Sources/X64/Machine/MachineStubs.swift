/// Small pieces of machine code that the compiler and the runtime write. rdi has the context in all of them (`CallingConvention`).
public enum MachineStubs {
  /// An instruction that always traps (int3), for what nothing jumps to.
  public static let trap: UInt8 = 0xCC

  // MARK: Functions that are not compiled yet

  /// Bytes from one stub of ``lazyBlock(functions:handler:)`` to the next.
  public static let lazyStride = 16

  /// One stub for each function, behind a long jump that they share, which takes the place of one:
  ///
  ///     header:  jmp [rip]
  ///              .quad handler
  ///     stub:    mov eax, function
  ///              jmp header
  public static func lazyBlock(functions: Range<Int>, handler: UInt) -> [UInt8] {
    var code = [UInt8](repeating: trap, count: (1 + functions.count) * lazyStride)
    // In place, since processes make thousands of them as they start. All stores are within their stride.
    code.withUnsafeMutableBytes { code in
      (code[0], code[1]) = (0xFF, 0x25)
      code.storeBytes(of: 0, toByteOffset: 2, as: UInt32.self)
      code.storeBytes(of: UInt64(handler).littleEndian, toByteOffset: 6, as: UInt64.self)
      for (index, function) in functions.enumerated() {
        let start = (1 + index) * lazyStride
        code[start] = 0xB8
        code.storeBytes(
          of: UInt32(function).littleEndian, toByteOffset: start + 1, as: UInt32.self)
        code[start + 5] = 0xE9
        code.storeBytes(
          of: Int32(-(start + 10)).littleEndian, toByteOffset: start + 6, as: Int32.self)
      }
    }
    return code
  }

  // MARK: Functions whose code may change

  /// Bytes of an entry.
  public static let entrySize = 8

  ///     jmp [rdi + offset]
  /// - Parameter offset: in the context, of the function's entry.
  public static func entry(offset: Int) -> [UInt8] {
    [0xFF, 0xA7] + littleEndian(Int32(offset)) + [trap, trap]
  }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
