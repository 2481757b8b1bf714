import Foundation
import TestSupport
import Testing

/// A share of what scripts/fuzz-readers.sh does, with fixed seeds, and what that found. A finding ends the process.
@Suite struct ReaderTests {
  @Test(arguments: Reader.allCases) func soundInputs(reader: Reader) {
    #expect(!reader.seeds.isEmpty)
    for seed in reader.seeds { #expect(reader.read(seed)) }
  }

  /// What libFuzzer kept (`scripts/fuzz-readers.sh keep`): each input reaches something that the others do not.
  private func corpus(_ reader: Reader) throws -> [[UInt8]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Corpus/\(reader.rawValue).txt")
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      Array(try #require(Data(base64Encoded: String($0))))
    }
  }

  @Test func corporaAreThere() throws {
    #expect(try Reader.allCases.reduce(0) { try $0 + corpus($1).count } > 1000)
  }

  @Test(arguments: Reader.allCases) func damagedInputs(reader: Reader) throws {
    let seeds = reader.seeds
    var mutation = Mutation(seed: 1)
    var inputs = try seeds + corpus(reader)
    for input in inputs { reader.read(input) }
    let limit = inputs.count + 64
    var taken = 0
    for round in 0..<rounds(reader) {
      let bytes = mutation.apply(
        to: inputs[round % inputs.count], other: seeds[round % seeds.count])
      var isTaken = false
      let time = ProcessorTime.measure { isTaken = reader.read(bytes) }
      #expect(time < .seconds(5), "\(time) for \(bytes)")
      // What is sound still is changed further.
      if isTaken {
        taken += 1
        if inputs.count < limit { inputs.append(bytes) }
      }
    }
    #expect(taken > 0 && taken < rounds(reader), "\(taken)")
  }

  private func rounds(_ reader: Reader) -> Int {
    switch reader {
    case .frameStates: 100_000
    case .module, .profile: 20_000
    case .counters, .artefact, .tables: 4_000
    }
  }
}
