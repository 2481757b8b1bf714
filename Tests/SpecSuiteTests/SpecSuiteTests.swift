import TestSupport
import Testing

/// The official test suite: each file that needs supported features only, on each tier.
@Suite("Official test suite")
struct SpecSuiteTests {
  @Test(
    .enabled(if: SpecSuite.path != nil, "SPEC_TESTSUITE does not say where the suite is"),
    arguments: Tier.all, SpecSuite.files)
  func file(tier: Tier, file: SpecSuite.File) throws {
    let runner = try SpecRunner(file, tier: tier)
    try runner.run()
    for failure in runner.failures.prefix(20) { Issue.record("\(failure)") }
    #expect(runner.failures.isEmpty, "\(runner.failures.count) failures")
    #expect(runner.passCount > 0)
  }

  @Test(.enabled(if: SpecSuite.path != nil, "SPEC_TESTSUITE does not say where the suite is"))
  func suiteIsThere() {
    #expect(SpecSuite.files.count >= 84)
  }
}
