import AOT
import TestSupport
import Testing

/// A share of the family of all pairs of an effect and a trap; scripts/trap-pairs.sh runs the whole.
@Suite struct TrapPairTests {
  /// Has no common factor with the number of any part, so that all parts of the family are met.
  private static let stride = 79
  private static let modules = 4

  @Test(arguments: 0..<modules) func share(number: Int) throws {
    let pairs = TrapPair.share(
      first: number * Self.stride / Self.modules, stride: Self.stride)
    var comparison = try TrapComparison(TrapProgram(pairs))
    try comparison.run()
    for difference in comparison.differences { Issue.record("\(difference)") }
    #expect(comparison.counts.traps > comparison.counts.calls / 2)
    #expect(comparison.counts.deoptsBeforeTraps > 100)
  }

  /// The share meets each part, whatever the others are.
  @Test func everyPartIsMet() {
    let pairs = (0..<Self.modules).flatMap {
      TrapPair.share(first: $0 * Self.stride / Self.modules, stride: Self.stride)
    }
    // Of 16,640 combinations.
    #expect(TrapPair.all.count == 14_240)
    #expect(Set(pairs.map(\.effect)).count == TrapPair.Effect.allCases.count)
    #expect(Set(pairs.map(\.trap)).count == TrapPair.TrapKind.allCases.count)
    #expect(Set(pairs.map(\.form)).count == TrapPair.Form.allCases.count)
    #expect(Set(pairs.map(\.shape)).count == TrapPair.Shape.allCases.count)
    #expect(Set(pairs.map { "\($0.order) \($0.isInlined)" }).count == 4)
  }

  /// The family reaches what it is for: left out of the compiler, what keeps traps exact is missed.
  @Test(arguments: [
    ("constantOffsets", TrapPair.Form.offset, TrapPair.Shape.up),
    ("trappingProbes", TrapPair.Form.invariant, TrapPair.Shape.up),
  ])
  func faultsAreSeen(pass: String, form: TrapPair.Form, shape: TrapPair.Shape) throws {
    let pairs = TrapPair.all.filter {
      $0.trap == .load && $0.form == form && $0.shape == shape && !$0.isInlined
        && $0.order == .effectFirst
    }
    var comparison = try TrapComparison(TrapProgram(pairs))
    comparison.leftOut = Set(OwnPass(rawValue: pass).map { [$0] } ?? [])
    try comparison.run([TrapTier(profile: .good, level: 3)])
    let seen = Set(comparison.differences.filter { $0.kind != .place }.map(\.name))
    // Which types and sizes are touched is for LLVM to say.
    #expect(seen.count > 1, "\(seen)")
  }
}
