import Contract
import X64

/// What code with vectors may use, and what it means. Code without vectors is the same for every target.
public struct VectorTarget: Sendable, Equatable {
  /// Three operands, and memory operands of any alignment.
  let hasAVX: Bool
  let hasAVX2: Bool
  /// AVX-512 F, VL, BW and DQ.
  let hasAVX512: Bool
  let hasVBMI: Bool
  let hasBITALG: Bool
  /// The meaning of relaxed instructions.
  public let relaxed: RelaxedSemantics

  /// - Parameters:
  ///   - features: those of x86-64-v2, and more.
  ///   - relaxed: nil: what is shortest. Must not need features that the target lacks.
  public init(features: some Sequence<CPUFeature>, relaxed: RelaxedSemantics? = nil) {
    let features = Set(features)
    hasAVX = features.contains(.avx)
    hasAVX2 = hasAVX && features.contains(.avx2)
    hasAVX512 =
      hasAVX2 && features.isSuperset(of: [.avx512f, .avx512vl, .avx512bw, .avx512dq])
    hasVBMI = hasAVX512 && features.contains(.avx512vbmi)
    hasBITALG = hasAVX512 && features.contains(.avx512bitalg)
    self.relaxed = relaxed ?? RelaxedSemantics(shortestFor: features)
    precondition(
      RelaxedSemantics(shortestFor: features).isSuperset(
        of: self.relaxed.intersection(.needingFeatures)), "the CPU lacks an instruction")
  }

  /// The least of all targets.
  public static let least = VectorTarget(features: CPUFeature.levels[Machine.defaultLevel]!)
}
