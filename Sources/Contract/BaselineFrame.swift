/// Frame layout of baseline code. The deoptimizer materializes frames of the same layout:
///
///     [rbp + 8]   return address
///     [rbp]       caller's rbp
///     [rbp - 8]   caller's rbx            rbx = this function's context
///     [rbp - 16]  caller's r12            r12 = base of memory 0 (any value without a memory)
///     [rbp - 24]  unused
///     [rbp - 32]  unused
///     …
///     [rsp]       homes of all slots      rsp = rbp - frameSize, 16-byte aligned
///
/// A slot's home is at its offset in the function's ``SlotLayout``. Between a call's return and the next instruction, and at
/// each resume point, rsp, rbp, rbx and r12 have the values above, and no other register is live except for a call's results.
public enum BaselineFrame {
  /// Offset of the caller's rbx from rbp.
  public static let savedContextOffset = -8
  /// Offset of the caller's r12 from rbp.
  public static let savedMemoryBaseOffset = -16
  /// Bytes between rbp and the slots' homes.
  public static let headerSize = 32

  /// How far the prologue of baseline code has come, as offsets in the code. All that follows does not change how to unwind.
  public enum Prologue {
    /// `push rbp`
    public static let framePointerSaved = 1
    /// `mov rbp, rsp`
    public static let framePointerSet = 4
    /// `push rbx`
    public static let contextSaved = 5
    /// `push r12`
    public static let memoryBaseSaved = 7
  }

  /// The distance from rsp to rbp.
  public static func frameSize(_ slots: SlotLayout) -> Int { (headerSize + slots.size + 15) & ~15 }
}
