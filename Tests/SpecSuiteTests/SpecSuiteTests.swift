import TestSupport
import Testing

/// The official test suite: each file that needs supported features only, on each tier.
@Suite("Official test suite")
struct SpecSuiteTests {
  @Test(
    .enabled(if: SpecSuite.path != nil, "SPEC_TESTSUITE does not say where the suite is"),
    arguments: Tier.all)
  func files(tier: Tier) async throws {
    let deopts = try await withThrowingTaskGroup(of: Int.self) { group in
      for file in SpecSuite.files { group.addTask { try Self.run(file, on: tier) } }
      return try await group.reduce(0, +)
    }
    #expect(tier.deopts.contains(deopts), "\(deopts) deopts")
  }

  /// What depends on the CPU.
  @Test(
    .enabled(if: SpecSuite.path != nil, "SPEC_TESTSUITE does not say where the suite is"),
    arguments: Tier.vectorTargets)
  func vectors(tier: Tier) throws {
    for file in SpecSuite.files where file.hasVectors { _ = try Self.run(file, on: tier) }
  }

  /// - Returns: deopts of all instances.
  private static func run(_ file: SpecSuite.File, on tier: Tier) throws -> Int {
    let runner = try SpecRunner(file, tier: tier)
    try runner.run()
    for failure in runner.failures.prefix(20) { Issue.record("\(failure)") }
    #expect(runner.failures.isEmpty, "\(file): \(runner.failures.count) failures")
    #expect(runner.passCount > 0, "\(file)")
    return runner.deopts
  }

  @Test(.enabled(if: SpecSuite.path != nil, "SPEC_TESTSUITE does not say where the suite is"))
  func suiteIsThere() {
    #expect(SpecSuite.files.count >= 252)
  }
}
