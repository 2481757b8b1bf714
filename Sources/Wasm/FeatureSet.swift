/// Features as a value: what a module or a function needs, what a tier supports.
public struct FeatureSet: Sendable, Hashable, ExpressibleByArrayLiteral {
  /// By position in `Feature.allCases`.
  private var bits: UInt64 = 0

  /// These features.
  public init(arrayLiteral members: Feature...) {
    for feature in members { insert(feature) }
  }

  private static let bit: [Feature: UInt64] = {
    precondition(Feature.allCases.count <= UInt64.bitWidth)
    return Dictionary(
      uniqueKeysWithValues: Feature.allCases.enumerated().map { ($1, 1 << UInt64($0)) })
  }()

  /// Whether it has a feature.
  public func contains(_ feature: Feature) -> Bool { bits & Self.bit[feature]! != 0 }

  /// Adds a feature.
  public mutating func insert(_ feature: Feature) { bits |= Self.bit[feature]! }

  /// Takes a feature out.
  public mutating func remove(_ feature: Feature) { bits &= ~Self.bit[feature]! }

  /// Adds all of another set.
  public mutating func formUnion(_ other: FeatureSet) { bits |= other.bits }

  /// Whether another set has all of it.
  public func isSubset(of other: FeatureSet) -> Bool { bits & ~other.bits == 0 }

  /// In the order of their declaration.
  public var members: [Feature] { Feature.allCases.filter(contains) }

  // MARK: What is supported

  /// What decoder and validator take: a module that needs more is refused, with the place. Every tier takes at most this.
  public static let valid: FeatureSet = [
    .mvp, .signExtension, .saturatingFloatToInt, .multiValue, .bulkMemory, .referenceTypes,
    .mutableGlobals, .extendedConst, .simd, .relaxedSIMD, .tailCall, .functionReferences,
    .atomics, .wideArithmetic, .customPageSizes, .multiMemory, .memory64,
    .exceptions, .legacyExceptions, .recursiveTypes,
  ]
}
