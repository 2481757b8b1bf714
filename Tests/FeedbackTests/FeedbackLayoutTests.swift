import Feedback
import Testing
import Wasm

@Suite struct FeedbackLayoutTests {
  @Test func recordsFollowTheInstructions() throws {
    let counters = Counters(try decode(sampleText))
    let records = try counters.records(4)
    #expect(
      records.map(\.instruction.opcode) == [
        .loop, .brIf, .callIndirect, .if, .call, .brTable, .call,
      ])
    let entry = counters.layout.cursor(function: 4).entry
    #expect(records.map { $0.offset - entry } == [8, 16, 24, 104, 112, 112, 136])
    // Three leaves of an entry each, then run (entry to the last call), then never.
    #expect(entry == 24)
    #expect(counters.layout.records(function: 4) == 24..<160)
    #expect(counters.layout.size == 160 + 8)
  }

  @Test func keysAreDistancesOfReferences() {
    #expect(TargetRecord.key(function: 0) == 32)
    #expect(TargetRecord.function(key: 96, functionCount: 3) == 2)
    for bad: UInt64 in [0, 1, 31, 33, 128, .max, .max - 31] {
      #expect(TargetRecord.function(key: bad, functionCount: 3) == nil)
    }
  }

  @Test func emptyModule() {
    #expect(FeedbackLayout(Module()).size == 0)
  }
}
