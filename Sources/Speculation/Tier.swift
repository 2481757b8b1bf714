/// What compiles a function: with each tier, compiling a byte costs more, and the code is faster.
public enum Tier: UInt8, Sendable, Comparable, CaseIterable {
  /// The baseline compiler. The other tiers use LLVM.
  case baseline = 0
  /// LLVM's scalar simplifications.
  case light
  /// The loop optimizations that move guards and checks out of loops, and value numbering.
  case middle
  /// LLVM's standard pipeline, with vectorization and unrolling, and its slower code generation.
  case full

  public static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
}
