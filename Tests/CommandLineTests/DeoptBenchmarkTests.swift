import Foundation
import TestSupport
import Testing

/// A small round of the benchmark: it fails by itself if stack or memory grow, or a deopt takes more than 2 µs.
@Suite struct DeoptBenchmarkTests {
  @Test func deoptsLeaveNothingBehind() throws {
    let folder = try TemporaryFolder()
    let outcome = try folder.command.run(["200000", "--machine"], program: .deoptBenchmark)
    #expect(outcome.status == 0, "\(outcome.output)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let numbers = try #require(object as? [String: Double])
    // A warm-up comes first.
    #expect(numbers["deopts"] == 201_000)
    #expect(try #require(numbers["rss_growth"]) < 1_048_576)
    #expect(try (50..<2000).contains(#require(numbers["fastest_ns"])), "\(outcome.output)")
  }
}
