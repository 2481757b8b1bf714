import Foundation
import Testing

/// `verify` on the benchmark kernels and the sample, with their committed profiles: each deopt point that they reach is forced.
@Suite struct VerifyTests {
  struct Program: Sendable, CustomStringConvertible {
    var module: String
    var arguments: String
    /// Deopt points that must be reached.
    var points: Int = 0
    var name: String { URL(fileURLWithPath: module).deletingPathExtension().lastPathComponent }
    var description: String { name }

    static func kernel(_ name: String, _ arguments: String, points: Int = 0) -> Program {
      Program(
        module: "Benchmarks/kernels/\(name).wasm", arguments: arguments, points: points)
    }
  }

  static let programs: [Program] = [
    Program(module: "Samples/shapes/shapes.wasm", arguments: "all 40 7 --change", points: 7),
    .kernel("mono", "3000", points: 2), .kernel("bimorphic", "1000"), .kernel("mega", "140"),
    .kernel("vector", "60", points: 1), .kernel("rays", "2"), .kernel("richards", "125", points: 7),
    .kernel("deltablue", "3", points: 50), .kernel("interp", "1"),
    .kernel("sort", "1", points: 2), .kernel("pipeline", "300", points: 5),
    .kernel("phase", "2000 50", points: 2), .kernel("matmul", "3"), .kernel("sha256", "20"),
    .kernel("hashtable", "12"), .kernel("strings", "200"),
  ]

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func points(_ output: String) throws -> (forced: Int, reached: Int, emitted: Int) {
    let match = try #require(
      output.firstMatch(of: /deopt points +(\d+) forced, (\d+) reached, (\d+) emitted/), "\(output)"
    )
    return (try #require(Int(match.1)), try #require(Int(match.2)), try #require(Int(match.3)))
  }

  @Test(arguments: programs) func allReachedPointsAreForced(program: Program) throws {
    let folder = try TemporaryFolder()
    let module = Self.root.appending(path: program.module).path
    let profile = Self.root.appending(path: "profiles/\(program.name).wasmprof").path
    let outcome = try folder.command(
      "verify \(module) --profile \(profile) -- \(program.arguments)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("equal to the baseline\n"))
    let counts = try points(outcome.output)
    #expect(counts.forced == counts.reached)
    #expect(counts.reached >= program.points)
    #expect(counts.emitted >= counts.reached)
  }

  @Test func takesArtefacts() throws {
    let sample = try Sample.shared.get()
    for file in ["sample.so", "sample.o"] {
      let folder = try sample.folder(file)
      let outcome = try folder.command("verify \(file) --invoke run -- 50 20")
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      let counts = try points(outcome.output)
      #expect(counts.forced == counts.reached && counts.reached > 0)
    }
  }
}
