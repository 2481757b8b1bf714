/// Instructions that set up and leave a frame.
public enum FrameCode {
  /// Where the return address is while a function has no frame of its own: bytes from the stack pointer.
  ///
  /// - Parameter code: at least three bytes, the instruction that comes next.
  /// - Returns: nil if the frame stands, as far as the instruction tells.
  public static func returnAddressOffset(before code: UnsafePointer<UInt8>) -> UInt? {
    switch (code[0], code[1], code[2]) {
    case (0x55, _, _), (0xC3, _, _): 0  // push rbp; ret
    case (0xFF, 0xA7, _): 0  // jmp [rdi + n]: `MachineStubs.entry(offset:)`
    case (0x48, 0x89, 0xE5), (0x48, 0x8B, 0xEC): 8  // mov rbp, rsp
    default: nil
    }
  }
}
