import Contract
import Testing
import X64

/// The section `.wpgo.handlers`: what is written is read back, and nothing else is accepted.
@Suite struct HandlerTableTests {
  private func site(_ start: UInt32, _ end: UInt32, _ pad: UInt32) -> HandlerSite {
    HandlerSite(start: start, end: end, pad: pad)
  }

  private func function(
    _ code: UInt32, _ sites: [HandlerSite], _ saved: SavedRegisters = []
  ) -> (row: HandlerFunction, sites: [HandlerSite]) {
    (HandlerFunction(code: code, firstSite: 0, saved: saved), sites)
  }

  private func refusal(
    _ functions: [(row: HandlerFunction, sites: [HandlerSite])], end: UInt32 = 300,
    textSize: Int = 400, _ change: (inout [UInt8]) -> Void = { _ in }
  ) -> String {
    var bytes = HandlerTable.encode(functions, end: end)
    change(&bytes)
    // Tables are read in place, aligned.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    do throws(ArtefactError) {
      _ = try HandlerTable(decoding: UnsafeRawBufferPointer(memory), textSize: textSize)
      return ""
    } catch {
      return error.message
    }
  }

  @Test func rowsComeBack() throws {
    let saved: SavedRegisters = [SavedRegisters(rawValue: 0b10101)]
    let bytes = HandlerTable.encode(
      [
        function(16, [site(20, 30, 90), site(30, 31, 16)]), function(100, [], saved),
        function(200, [site(200, 300, 299)]),
      ], end: 300)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    let table = try HandlerTable(decoding: UnsafeRawBufferPointer(memory), textSize: 300)
    #expect(table.functions.map(\.code) == [16, 100, 200, 300])
    #expect(table.functions.map(\.firstSite) == [0, 2, 2, 3])
    #expect(table.functions[1].saved == saved)
    #expect(table.functions[1].saved.registers == [.r15, .r13, .rbx])
    #expect(table.sites.map(\.pad) == [90, 16, 299])
  }

  @Test func functionsAreInOrder() {
    #expect(refusal([]) == "")
    #expect(refusal([function(0, []), function(299, [])]) == "")
    let message = "functions with handlers are not in order"
    #expect(refusal([function(100, []), function(100, [])]) == message)
    #expect(refusal([function(100, []), function(50, [])]) == message)
    #expect(refusal([function(300, [])]) == message)
    #expect(refusal([function(0, [])], textSize: 299) == "handlers do not end")
    // More sites than there are.
    #expect(refusal([function(0, [])]) { $0[4 + 8 + 4] = 1 << 5 } == "handlers do not end")
    #expect(refusal([function(0, [])]) { $0[4 + 4] = 1 << 5 } == "handlers do not end")
    #expect(refusal([function(0, []), function(9, [])]) { $0[4 + 8 + 4] = 1 << 5 } == message)
  }

  @Test func sitesAreInTheirFunction() {
    let order = "handlers are not in order"
    let outside = "handler outside of its function"
    func refusal(_ sites: HandlerSite...) -> String {
      self.refusal([function(50, []), function(100, sites), function(200, [])])
    }
    #expect(refusal(site(100, 200, 199)) == "")
    #expect(refusal(site(100, 101, 100), site(101, 102, 100)) == "")
    #expect(refusal(site(99, 101, 100)) == order)
    #expect(refusal(site(150, 201, 100)) == order)
    #expect(refusal(site(150, 150, 100)) == order)
    #expect(refusal(site(150, 149, 100)) == order)
    #expect(refusal(site(150, 160, 100), site(159, 170, 100)) == order)
    #expect(refusal(site(150, 160, 100), site(110, 120, 100)) == order)
    #expect(refusal(site(150, 160, 99)) == outside)
    #expect(refusal(site(150, 160, 200)) == outside)
  }
}

/// Which registers a frame keeps is a matter of where it keeps them.
@Suite struct SavedRegistersTests {
  @Test func placesAreThoseOfPushes() {
    #expect(SavedRegisters(places: [:]) == [])
    #expect(SavedRegisters(places: [.rbx: -8])?.registers == [.rbx])
    #expect(
      SavedRegisters(places: [.r15: -8, .r14: -16, .r13: -24, .r12: -32, .rbx: -40])?.rawValue
        == 31)
    #expect(SavedRegisters(places: [.r14: -8, .rbx: -16])?.registers == [.r14, .rbx])
    // In another order, with a gap, and another register.
    #expect(SavedRegisters(places: [.rbx: -8, .r12: -16]) == nil)
    #expect(SavedRegisters(places: [.rbx: -16]) == nil)
    #expect(SavedRegisters(places: [.rsi: -8]) == nil)
  }
}
