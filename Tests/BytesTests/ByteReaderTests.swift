import Bytes
import Testing

/// A format whose errors are what was found, and where.
private struct PlainFormat: ByteFormat {
  typealias Storage = [UInt8]

  struct Failure: Error, Equatable {
    var problem: ByteProblem
    var position: Int
  }

  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> Failure {
    Failure(problem: problem, position: position)
  }
}

private typealias PlainReader = ByteReader<PlainFormat>

@Suite struct ByteReaderTests {
  private func reader(_ bytes: [UInt8], _ range: Range<Int>? = nil) -> PlainReader {
    PlainReader(bytes, range ?? 0..<bytes.count, format: PlainFormat())
  }

  private func failure<Value>(
    _ bytes: [UInt8], _ read: (inout PlainReader) throws(PlainFormat.Failure) -> Value
  ) -> PlainFormat.Failure? {
    var reader = reader(bytes)
    do throws(PlainFormat.Failure) {
      _ = try read(&reader)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [0, 1, 63, 64, 127, 128, 16_383, 16_384, 1 << 31, 1 << 32, 1 << 63, .max])
  func unsignedIntegersComeBack(_ value: UInt64) throws {
    var writer = ByteWriter()
    writer.unsigned(value)
    var reader = reader(writer.bytes)
    #expect(try reader.unsigned(bits: 64) == value)
    #expect(reader.isAtEnd)
  }

  @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 8191, -8193, .max, .min] as [Int64])
  func signedIntegersComeBack(_ value: Int64) throws {
    var writer = ByteWriter()
    writer.signed(value)
    var reader = reader(writer.bytes)
    #expect(try reader.signed(bits: 64) == value)
    #expect(reader.isAtEnd)
  }

  @Test func fixedIntegersComeBack() throws {
    var writer = ByteWriter()
    writer.byte(7)
    writer.integer(Int16(-2))
    writer.integer(UInt32(0x8765_4321))
    writer.integer(Int64.min)
    writer.align(4)
    #expect(writer.bytes[1...6] == [0xFE, 0xFF, 0x21, 0x43, 0x65, 0x87])
    var reader = reader(writer.bytes)
    #expect(try reader.byte() == 7)
    #expect(try reader.integer(Int16.self) == -2)
    #expect(try reader.integer(UInt32.self) == 0x8765_4321)
    #expect(try reader.integer(Int64.self) == .min)
    try reader.align(4)
    try reader.expectEnd()
  }

  @Test func integersThatDoNotFitAreRefused() {
    let ones: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    #expect(
      failure(ones + [0x10]) { reader throws(PlainFormat.Failure) in
        try reader.unsigned(bits: 32)
      } == .init(problem: .integerTooLarge, position: 4))
    #expect(
      failure(ones + [0x8F]) { reader throws(PlainFormat.Failure) in
        try reader.unsigned(bits: 32)
      } == .init(problem: .integerTooLong, position: 4))
    #expect(
      failure(ones + [0x4F]) { reader throws(PlainFormat.Failure) in
        try reader.signed(bits: 32)
      } == .init(problem: .integerTooLarge, position: 4))
    #expect(
      failure(ones) { reader throws(PlainFormat.Failure) in try reader.unsigned(bits: 32) }
        == .init(problem: .unexpectedEnd, position: 4))
  }

  @Test func nothingIsReadBeyondTheRange() throws {
    var part = reader([1, 2, 3, 4, 5], 1..<3)
    #expect(part.position == 1 && part.remaining == 2)
    #expect(throws: PlainFormat.Failure(problem: .unexpectedEnd, position: 1)) {
      try part.integer(UInt32.self)
    }
    #expect(throws: PlainFormat.Failure(problem: .lengthOutOfBounds, position: 1)) {
      try part.skip(3)
    }
    #expect(throws: PlainFormat.Failure(problem: .lengthOutOfBounds, position: 1)) {
      try part.skip(-1)
    }
    #expect(try part.skip(2) == 1..<3)
    #expect(throws: PlainFormat.Failure(problem: .unexpectedEnd, position: 3)) { try part.byte() }
    #expect(reader([1], 0..<9).end == 1)
    #expect(reader([1], 5..<9).isAtEnd)
  }

  @Test func textAndCountsAreChecked() throws {
    var text = reader([0x61, 0xC3, 0xA4, 0xC3])
    #expect(try text.text(3) == "aä")
    #expect(throws: PlainFormat.Failure(problem: .invalidUTF8, position: 3)) { try text.text(1) }
    let counts = reader([0, 0, 0, 0, 0, 0, 0])
    #expect(try counts.count(3, minimumSize: 2, at: 0) == 3)
    #expect(throws: PlainFormat.Failure(problem: .countOutOfBounds, position: 9)) {
      try counts.count(4, minimumSize: 2, at: 9)
    }
    #expect(throws: PlainFormat.Failure(problem: .countOutOfBounds, position: 0)) {
      try counts.count(.max, minimumSize: 0, at: 0)
    }
  }

  @Test func paddingIsZero() throws {
    var padded = reader([1, 0, 2, 0])
    _ = try padded.byte()
    #expect(throws: PlainFormat.Failure(problem: .nonzeroPadding, position: 3)) {
      try padded.align(4)
    }
    #expect(throws: PlainFormat.Failure(problem: .trailingBytes, position: 3)) {
      try padded.expectEnd()
    }
  }
}
