import Contract
import TestSupport
import Testing

/// Section `.wpgo.locations`.
@Suite struct LocationTableTests {
  /// Every 7 bytes a row; runs of one node, places up and down, now and then code of no instruction.
  private static func rows(_ count: Int) -> [LocationRow] {
    var random = TestRandom(seed: 1)
    var offset: UInt32 = 3
    var node: UInt32 = 5
    return (0..<count).map { number in
      offset += number == 0 ? 0 : UInt32.random(in: 1...14, using: &random)
      if Int.random(in: 0..<8, using: &random) == 0 { node = .random(in: 0..<40, using: &random) }
      let place = 1000 * node + UInt32.random(in: 0..<200, using: &random)
      let isNone = Int.random(in: 0..<20, using: &random) == 0
      return LocationRow(
        codeOffset: offset, location: isNone ? nil : CodeLocation(node: node, byteOffset: place))
    }
  }

  private func withTable<R>(
    _ bytes: [UInt8], _ body: (LocationTable) throws -> R
  ) throws -> R {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(LocationTable(decoding: UnsafeRawBufferPointer(copy), nodeCount: 40))
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1000]) func rowsAreFound(count: Int) throws {
    let rows = Self.rows(count)
    let faults = Self.rows(count / 2)
    try withTable(LocationTable.encode(rows, faults: faults)) { table in
      let decoded = (rows: try table.rows.all(), faults: try table.faults.all())
      #expect(decoded.rows == rows)
      #expect(decoded.faults == faults)
      var next = 0
      for offset in 0..<Int(rows.last?.codeOffset ?? 0) + 20 {
        while next < rows.count, Int(rows[next].codeOffset) <= offset { next += 1 }
        #expect(table.locate(offset) == (next == 0 ? nil : rows[next - 1].location))
      }
      #expect(table.locate(fault: Int(UInt32.max)) == faults.last?.location)
    }
  }

  @Test func extremesAreKept() throws {
    let rows = [
      LocationRow(codeOffset: 0, location: CodeLocation(node: 39, byteOffset: .max)),
      LocationRow(codeOffset: 1, location: CodeLocation(node: 0, byteOffset: 0)),
      LocationRow(codeOffset: .max, location: nil),
    ]
    let decoded = try withTable(LocationTable.encode(rows, faults: [])) { try $0.rows.all() }
    #expect(decoded == rows)
  }

  /// A third of what rows of three words take, or less.
  @Test func rowsAreSmall() {
    let rows = Self.rows(10_000)
    #expect(LocationTable.encode(rows, faults: []).count < 4 * rows.count)
  }

  @Test func damageIsAnErrorOrAnotherPlace() throws {
    let sound = LocationTable.encode(Self.rows(300), faults: Self.rows(100))
    var random = TestRandom(seed: 2)
    var errors = 0
    for _ in 0..<2000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      do {
        try withTable(bytes) { table in
          for offset in stride(from: 0, to: 3000, by: 50) {
            for location in [table.locate(offset), table.locate(fault: offset)] {
              #expect((location?.node ?? 0) < 40)
            }
          }
          _ = try table.rows.all()
          _ = try table.faults.all()
        }
      } catch is ArtefactError {
        errors += 1
      }
    }
    #expect(errors > 100 && errors < 2000)
  }
}
