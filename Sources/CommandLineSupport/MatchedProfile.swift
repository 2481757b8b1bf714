import Feedback
import Files
import Wasm

/// Profiles, added up and matched to a module.
public struct MatchedProfile: Sendable {
  /// What matched.
  public var profile: ModuleProfile
  /// How much that is; nil without profiles.
  public var statistics: MatchStatistics?
  /// What a user should know about the profiles, each a sentence.
  public var warnings: [String]

  /// A profile of which less than this share of its counts matches is stale.
  public static let stalePercent = 50.0

  /// Reads profiles, finished or not.
  public init(_ paths: [HostString], for module: Module) throws(Diagnostic) {
    profile = ModuleProfile()
    warnings = []
    var sum = ProfileFile()
    for path in paths {
      let file = try readProfile(path)
      var statistics = MatchStatistics()
      profile = file.match(module, statistics: &statistics)
      self.statistics = statistics
      if let warning = Self.warning(about: statistics) { warnings.append("\(path): \(warning)") }
      if paths.count > 1 { sum.merge(file) }
    }
    if paths.count > 1 {
      var statistics = MatchStatistics()
      profile = sum.match(module, statistics: &statistics)
      self.statistics = statistics
    }
  }

  /// The first of the reasons why a profile is of little use for a module.
  private static func warning(about match: MatchStatistics) -> String? {
    if match.weight == 0 { return "the profile is empty: nothing ran while it was recorded" }
    if match.exact.functions + match.stale.functions == 0 {
      return "the profile is of another module: none of its functions match"
    }
    if match.matchedPercent < stalePercent {
      return
        "the profile is stale: \(fixedPoint(match.matchedPercent, places: 1)) % of its counts match "
        + "the module; record it again"
    }
    return nil
  }

  /// - Parameter percent: of the profiles' counts that must match; nil: whatever does.
  public func require(percent: Double?, of module: HostString) throws(Diagnostic) {
    guard let percent else { return }
    let matched = statistics?.matchedPercent
    guard (matched ?? -1) < percent else { return }
    let problem =
      matched.map { "\(fixedPoint($0, places: 1)) % of the profile's counts match the module" }
      ?? "there is no profile"
    throw Diagnostic(
      "\(problem), but --require-profile-match asks for \(fixedPoint(percent, places: 1)) %",
      at: "\(module)", help: "record the module again: wasm-pgo record \(module)",
      status: .profileMismatch)
  }
}
