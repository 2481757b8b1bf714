import X64

/// What the instructions of relaxed SIMD mean where the specification leaves a choice (spec 4.3.6, "Relaxed Operations"). An artefact has one
/// meaning, which both tiers read here: baseline code that continues after a deopt computes what optimized code would have.
///
/// Each member is a departure from the specification's deterministic profile, which is the empty set:
///
/// | instructions | deterministic | member | then instead |
/// | --- | --- | --- | --- |
/// | `relaxed_swizzle` | 0 for indices from 16 | `swizzleWraps` | indices 16…127 count modulo 16 (`pshufb`) |
/// | `relaxed_trunc_*_s*` | as `trunc_sat` | `truncationIndefinite` | -2^31 for NaN and out of range (`cvttps2dq`, `cvttpd2dq`) |
/// | `relaxed_trunc_*_u*` | as `trunc_sat` | `unsignedTruncationInHalves` | see the member |
/// | | | `unsignedTruncationIndefinite` | 2^32 - 1 for NaN and out of range (`vcvttps2udq`, `vcvttpd2udq`) |
/// | `relaxed_madd`, `relaxed_nmadd` | `a * b + c` and `c - a * b`, each step rounded | `fusesMultiplyAdd` | rounded once (`vfmadd`, `vfnmadd`) |
/// | `relaxed_laneselect` | as `bitselect` | `selectsByTopBit` | lanes by the mask's top bit of the lane (`pblendvb` and the like) |
/// | `relaxed_min`, `relaxed_max` | as `min`, `max` | `extremumIsSecond` | the second operand if one is NaN or both are zeros (`minps a, b`) |
/// | `relaxed_q15mulr_s` | as `q15mulr_sat_s` | `q15Wraps` | -2^15 for the one product that overflows (`pmulhrsw`) |
/// | `relaxed_dot_*` | both operands signed | `dotTakesUnsigned` | the second operand is unsigned (`pmaddubsw b, a`) |
/// | `relaxed_dot_*_add_s` | sums of pairs saturate to 16 bits | `dotAddIsExact` | all four products are added in 32 bits (`vpdpbusd c, b, a`) |
public struct RelaxedSemantics: OptionSet, Hashable, Sendable {
  /// The set as a number, for files.
  public let rawValue: UInt16

  /// A set of bits; unknown ones are kept, see ``isKnown``.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Indices 16…127 count modulo 16.
  public static let swizzleWraps = Self(rawValue: 1 << 0)
  /// Signed truncation gives -2^31 for NaN and what is out of range.
  public static let truncationIndefinite = Self(rawValue: 1 << 1)
  /// Unsigned truncation is only right in range. From f32, with t for `cvttps2dq`, s for a shift that copies the sign:
  /// `t(x) | (t(x - 2^31) & s(t(x), 31))`. From f64, the low 32 bits of `trunc(x) + 2^52`.
  public static let unsignedTruncationInHalves = Self(rawValue: 1 << 2)
  /// Unsigned truncation gives 2^32 - 1 for NaN and what is out of range. Takes precedence over ``unsignedTruncationInHalves``.
  public static let unsignedTruncationIndefinite = Self(rawValue: 1 << 3)
  /// Products are not rounded before they are added.
  public static let fusesMultiplyAdd = Self(rawValue: 1 << 4)
  /// Lanes are selected as a whole.
  public static let selectsByTopBit = Self(rawValue: 1 << 5)
  /// `a < b ? a : b`, and `a > b ? a : b` for the maximum.
  public static let extremumIsSecond = Self(rawValue: 1 << 6)
  /// -2^15 squared gives -2^15.
  public static let q15Wraps = Self(rawValue: 1 << 7)
  /// Bytes of the second operand are unsigned. Sums of pairs saturate to 16 bits, as without it.
  public static let dotTakesUnsigned = Self(rawValue: 1 << 8)
  /// The form with an addition does not saturate.
  public static let dotAddIsExact = Self(rawValue: 1 << 9)

  /// The specification's deterministic profile.
  public static let deterministic: RelaxedSemantics = []

  /// The members that only some CPUs can compute as fast as their opposite, or at all.
  public static let needingFeatures: RelaxedSemantics = [
    .unsignedTruncationIndefinite, .fusesMultiplyAdd, .dotAddIsExact,
  ]

  /// The choices of the shortest code for a CPU that has these features, and x86-64-v2.
  public init(shortestFor features: some Sequence<CPUFeature>) {
    let features = Set(features)
    var choices: RelaxedSemantics = [
      .swizzleWraps, .truncationIndefinite, .extremumIsSecond, .q15Wraps, .dotTakesUnsigned,
    ]
    let hasShortVectors = features.isSuperset(of: [.avx512f, .avx512vl])
    if features.contains(.fma) { choices.insert(.fusesMultiplyAdd) }
    // With AVX-512, bitselect is one instruction (`vpternlogq`).
    if !hasShortVectors { choices.insert(.selectsByTopBit) }
    choices.insert(hasShortVectors ? .unsignedTruncationIndefinite : .unsignedTruncationInHalves)
    if hasShortVectors && features.contains(.avx512vnni) { choices.insert(.dotAddIsExact) }
    self = choices
  }

  /// Whether this compiler knows all members.
  public var isKnown: Bool { rawValue < 1 << 10 }
}

extension RelaxedSemantics: CustomStringConvertible {
  private static let names: [(RelaxedSemantics, String)] = [
    (.swizzleWraps, "swizzle-wraps"), (.truncationIndefinite, "truncation-indefinite"),
    (.unsignedTruncationInHalves, "unsigned-truncation-in-halves"),
    (.unsignedTruncationIndefinite, "unsigned-truncation-indefinite"),
    (.fusesMultiplyAdd, "fused-multiply-add"), (.selectsByTopBit, "laneselect-by-top-bit"),
    (.extremumIsSecond, "minimum-takes-second"), (.q15Wraps, "q15mulr-wraps"),
    (.dotTakesUnsigned, "dot-unsigned"), (.dotAddIsExact, "dot-add-exact"),
  ]

  /// The names of the departures from the deterministic profile, or `deterministic`.
  public var description: String {
    self == .deterministic
      ? "deterministic" : Self.names.filter { contains($0.0) }.map(\.1).joined(separator: " ")
  }
}
