import ArgumentParser

/// Which of the meanings that the specification allows relaxed SIMD instructions have (`RelaxedSemantics`).
enum RelaxedChoice: String, ExpressibleByArgument, CaseIterable {
  /// The one of the shortest code for the target.
  case fastest
  /// The specification's deterministic profile.
  case deterministic
}
