import TestSupport
import Testing

/// A few of the damaged files that the libraries' own tests go through, as a user would meet them.
@Suite struct BadInputTests {
  /// Statuses of one command for many damaged copies of a file.
  private func statuses(
    _ name: String, _ line: String, rounds: Int, flips: Bool
  ) throws -> [(status: Int32, output: String, what: String)] {
    let original = try Sample.shared.get().bytes(name)
    let folder = try Sample.shared.get().folder("sample.wasm")
    var random = TestRandom(seed: 6)
    return try (0..<rounds).map { _ in
      var bytes = original
      let bit = Int.random(in: 0..<8 * bytes.count, using: &random)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      try folder.write(flips ? bytes : Array(original[..<(bit / 8)]), "damaged")
      let outcome = try folder.command(line)
      #expect(!outcome.isTimeout)
      if outcome.status != 0 { #expect(outcome.errors.hasPrefix("error: ")) }
      return (outcome.status, outcome.output, "\(flips ? "bit \(bit)" : "\(bit / 8) bytes")")
    }
  }

  @Test(arguments: ["sample.so", "sample.o"], [true, false])
  func artefacts(name: String, flips: Bool) throws {
    let line = "run damaged --invoke run -- 20 10"
    for outcome in try statuses(name, line, rounds: 20, flips: flips) {
      #expect(outcome.status == 65, "\(outcome.what)")
      #expect(outcome.output == "", "\(outcome.what)")
    }
  }

  @Test(arguments: [true, false]) func profiles(flips: Bool) throws {
    for line in ["profile show damaged", "compile sample.wasm --profile damaged -o x.so"] {
      for outcome in try statuses("sample.wasmprof", line, rounds: 15, flips: flips) {
        #expect(outcome.status == 65, "\(outcome.what)")
      }
    }
  }

  /// A module has no checksum: it may be valid still, and do something else.
  @Test(arguments: [true, false]) func modules(flips: Bool) throws {
    for line in ["run damaged --invoke crash -- 10", "compile damaged -o x.so"] {
      for outcome in try statuses("sample.wasm", line, rounds: 15, flips: flips) {
        #expect([0, 64, 65, 134].contains(outcome.status), "\(outcome.what): \(outcome.status)")
      }
    }
  }
}
