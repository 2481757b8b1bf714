import Wasm

/// The features that each tier supports. The baseline tier must support every feature that validation accepts, since any
/// function may run in it. A function that needs a feature which the optimizing tier lacks falls back to baseline code; other
/// functions are not affected.
extension FeatureSet {
  /// The features that the baseline compiler compiles.
  public static let baselineTier: FeatureSet = .valid
  /// The features that the AOT compiler translates.
  public static let optimizedTier: FeatureSet = .valid
}
