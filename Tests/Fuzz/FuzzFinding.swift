/// Something that must not be.
struct FuzzFinding: Sendable, Equatable {
  enum Kind: String, Sendable {
    /// The compiled program does not do what the baseline does.
    case different
    /// It was not compiled, or not loaded.
    case failed
    /// The process died.
    case crashed
    /// It did not end in time.
    case hung
  }

  var kind: Kind
  /// Of ``FuzzSetting/all(seed:)``; -1: compiling.
  var setting: Int
  var text: String
}
