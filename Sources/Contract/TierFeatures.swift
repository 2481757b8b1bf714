import Wasm

/// What each tier makes code for. A feature that validation lets pass has to be in the baseline's set, since any function may have to run
/// there; one that the optimized tier lacks costs the functions that need it their optimized code, and nothing else.
extension FeatureSet {
  /// What the baseline compiler compiles.
  public static let baselineTier: FeatureSet = .valid
  /// What the AOT compiler translates.
  public static let optimizedTier: FeatureSet = .valid
}
