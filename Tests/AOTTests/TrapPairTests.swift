import TestSupport
import Testing

/// A share of the family of all pairs of an effect and a trap; scripts/trap-pairs.sh runs the whole.
@Suite struct TrapPairTests {
  /// Has no common factor with the number of any part, so that all parts of the family are met.
  private static let stride = 61
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
    #expect(TrapPair.all.count > 10_000)
    #expect(Set(pairs.map(\.effect)).count == TrapPair.Effect.allCases.count)
    #expect(Set(pairs.map(\.trap)).count == TrapPair.TrapKind.allCases.count)
    #expect(Set(pairs.map(\.form)).count == TrapPair.Form.allCases.count)
    #expect(Set(pairs.map(\.shape)).count == TrapPair.Shape.allCases.count)
    #expect(Set(pairs.map { "\($0.order) \($0.isInlined)" }).count == 4)
  }
}
