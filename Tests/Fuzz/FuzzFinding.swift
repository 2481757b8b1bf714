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

  /// Whether it may be the same fault, in a smaller program: of a compilation that failed, by its words, without the numbers.
  func resembles(_ other: FuzzFinding) -> Bool {
    kind == other.kind
      && (kind != .failed || text.filter { !$0.isNumber } == other.text.filter { !$0.isNumber })
  }
}
