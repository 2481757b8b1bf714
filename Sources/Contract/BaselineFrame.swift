/// Frame layout of baseline code, which the deoptimizer builds frames of as well:
///
///     [rbp + 8]   return address
///     [rbp]       caller's rbp
///     [rbp - 8]   caller's rbx            rbx = this function's context
///     [rbp - 16]  caller's r12            r12 = base of memory 0 (any value without a memory)
///     [rbp - 24]  unused
///     [rbp - 32]  unused
///     …
///     [rsp + 8i]  home of slot i          rsp = rbp - frameSize, 16-byte aligned
///
/// Slots are the locals (parameters, declared), then the operand stack from its bottom. An i32 or f32
/// lies in the low 4 bytes of its slot, the rest of which is undefined. Between a call's return and
/// the next instruction, and at each resume point, rsp, rbp, rbx, r12 hold the above and nothing else is live
/// in registers, except a call's results.
public enum BaselineFrame {
  /// Of the caller's rbx, from rbp.
  public static let savedContextOffset = -8
  /// Of the caller's r12, from rbp.
  public static let savedMemoryBaseOffset = -16
  /// Bytes between rbp and the homes of slots.
  public static let headerSize = 32

  /// Distance from rsp to rbp.
  /// - Parameter slotCount: locals plus `Function.maxOperandHeight`.
  public static func frameSize(slotCount: Int) -> Int { (headerSize + 8 * slotCount + 15) & ~15 }

  /// Distance of slot `index` from rbp (negative).
  public static func home(_ index: Int, frameSize: Int) -> Int { 8 * index - frameSize }
}
