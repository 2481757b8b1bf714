/// Instructions that set up and leave a frame.
public enum FrameCode {
  /// Where the return address is while a function has no frame of its own: bytes from the stack pointer.
  ///
  /// - Parameters:
  ///   - code: the instruction that comes next.
  ///   - register: the value of a general register, by number.
  ///   - isCode: whether an address is in code of wasm functions, where instructions may be read.
  /// - Returns: nil if the frame stands, as far as the instruction tells.
  public static func returnAddressOffset(
    before code: UnsafePointer<UInt8>, register: (Int) -> UInt, isCode: (UInt) -> Bool
  ) -> UInt? {
    switch (code[0], code[1], code[2]) {
    case (0x55, _, _), (0xC3, _, _): return 0  // push rbp; ret
    case (0x48, 0x89, 0xE5), (0x48, 0x8B, 0xEC): return 8  // mov rbp, rsp
    case (0xFF, let modes, _): return leaves(modes, extension: 0, register, isCode) ? 0 : nil
    case (0x41, 0xFF, let modes): return leaves(modes, extension: 8, register, isCode) ? 0 : nil
    case (0xE9, _, _):
      // jmp rel32, unless to a trampoline, which is in no function's code (`GuardCode`)
      let distance = UnsafeRawPointer(code).loadUnaligned(fromByteOffset: 1, as: Int32.self)
      let target = UInt(bitPattern: code) &+ 5 &+ UInt(bitPattern: Int(distance))
      return isCode(target) && isFunction(target, isCode) ? 0 : nil
    default: return nil
    }
  }

  /// Whether `FF /4`, a jump through a register or memory, goes to another function. Those through memory do, except for the jump of baseline code
  /// to the trap stub, whose address it has in the context in rbx.
  private static func leaves(
    _ modes: UInt8, extension high: Int, _ register: (Int) -> UInt, _ isCode: (UInt) -> Bool
  ) -> Bool {
    guard modes >> 3 & 7 == 4 else { return false }
    let number = Int(modes & 7) + high
    return modes >> 6 == 3
      ? isFunction(register(number), isCode) : number != Int(Register.rbx.number)
  }

  /// Whether a jump goes to the start of a function. No other instruction is one that functions start with.
  private static func isFunction(_ target: UInt, _ isCode: (UInt) -> Bool) -> Bool {
    guard isCode(target), let code = UnsafePointer<UInt8>(bitPattern: target) else { return true }
    return code[0] == 0x55 || (code[0], code[1]) == (0xFF, 0xA7)  // push rbp; jmp [rdi + n]
  }
}
