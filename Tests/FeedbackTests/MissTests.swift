import Feedback
import Testing
import Wasm

/// Delta profiles: what guards missed.
@Suite struct MissTests {
  private func first(_ module: Module, function: Int, _ opcode: Opcode) throws -> Instruction {
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.next() {
      if instruction.opcode == opcode { return instruction }
    }
    throw ProfileError(.malformed, "no \(opcode)")
  }

  @Test func callsAndBranches() throws {
    let module = try decode(sampleText)
    let call = try first(module, function: 4, .callIndirect).offset
    let branch = try first(module, function: 4, .if)
    let exit = try first(module, function: 4, .brIf)
    let delta = ProfileFile(
      module: module,
      misses: [
        .init(byteOffset: call, event: .call(2), count: 700),
        .init(byteOffset: call, event: .call(2), count: 70),
        .init(byteOffset: call, event: .foreignCall, count: 3),
        // `never` has another type: such a call traps.
        .init(byteOffset: call, event: .call(5), count: 9),
        // No function, no call, no body, nothing.
        .init(byteOffset: call, event: .call(99), count: 9),
        .init(byteOffset: branch.offset, event: .foreignCall, count: 9),
        .init(byteOffset: 3, event: .call(2), count: 9),
        .init(byteOffset: call, event: .call(1), count: 0),
        .init(byteOffset: branch.offset, event: .branch(branch.end), count: 4),
        .init(byteOffset: exit.offset, event: .branch(exit.end), count: 5),
        .init(byteOffset: exit.offset, event: .branch(1), count: 9),
      ])
    #expect(delta.runCount == 0 && delta.functions.count == 5)
    #expect(try ProfileFile(decoding: delta.encode()) == delta)
    let matched = delta.match(module)
    let run = try #require(matched.functions[4])
    #expect(run.callSites.count == 1)
    #expect(run.callSites[call]?.targets == [.init(function: 2, count: 770)])
    #expect(run.callSites[call]?.foreignCount == 3 && run.callSites[call]?.otherCount == 0)
    #expect(
      run.branches == [
        branch.offset: .init(taken: 4, notTaken: 0), exit.offset: .init(taken: 0, notTaken: 5),
      ])
    #expect(matched.functions[2]?.entryCount == 770)
    #expect(Set(matched.functions.keys) == [2, 4])
    // Merged, it adds to what was recorded.
    let recorded = try recordedSample().profile()
    let next = recorded.merged(with: delta).match(module)
    #expect(next.functions[4]?.callSites[call]?.targets.first == .init(function: 2, count: 779))
    #expect(next.functions[4]?.entryCount == 1)
  }

  @Test func nothing() throws {
    let module = try decode(sampleText)
    let delta = ProfileFile(module: module, misses: [])
    #expect(delta.match(module).functions.isEmpty)
    #expect(try recordedSample().profile().merged(with: delta) == recordedSample().profile())
  }
}
