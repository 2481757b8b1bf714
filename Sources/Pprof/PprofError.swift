import Bytes

/// Why a file is no pprof profile.
public struct PprofError: Error, Equatable, Sendable {
  /// For people.
  public var message: String
  /// Bytes from the start of the contents, unpacked; nil where that says nothing.
  public var offset: Int?

  init(_ message: String, offset: Int? = nil) {
    self.message = message
    self.offset = offset
  }
}

/// Protocol buffers: fields with a number and a wire type (protobuf.dev/programming-guides/encoding).
struct ProtobufFormat: ByteFormat {
  typealias Storage = [UInt8]

  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> PprofError {
    PprofError("not a pprof profile, or damaged", offset: position)
  }
}

/// A field's value.
enum ProtobufValue {
  case number(UInt64)
  /// A range of the file.
  case bytes(Range<Int>)
}

typealias ProtobufReader = ByteReader<ProtobufFormat>

extension ProtobufReader {
  init(_ bytes: [UInt8], _ range: Range<Int>) { self.init(bytes, range, format: ProtobufFormat()) }

  /// The next field; nil at the end.
  mutating func field() throws(PprofError) -> (number: UInt64, value: ProtobufValue)? {
    if isAtEnd { return nil }
    let tag = try unsigned(bits: 64)
    switch tag & 7 {
    case 0: return (tag >> 3, .number(try unsigned(bits: 64)))
    case 1: return (tag >> 3, .bytes(try skip(8)))
    case 2:
      let size = try unsigned(bits: 64)
      return (tag >> 3, .bytes(try skip(Int(clamping: size))))
    case 5: return (tag >> 3, .bytes(try skip(4)))
    default: throw failure(.unexpectedEnd)
    }
  }
}

extension ProtobufValue {
  /// The numbers of a repeated field, of which a file may have one or many at a time.
  func numbers(in bytes: [UInt8]) throws(PprofError) -> [UInt64] {
    switch self {
    case .number(let number): return [number]
    case .bytes(let range):
      var reader = ProtobufReader(bytes, range)
      var result: [UInt64] = []
      while !reader.isAtEnd { result.append(try reader.unsigned(bits: 64)) }
      return result
    }
  }

  var number: UInt64 { if case .number(let number) = self { number } else { 0 } }
}

extension ByteWriter {
  /// Left out if it is 0, as readers take what is missing for.
  mutating func field(_ number: UInt64, _ value: UInt64) {
    guard value != 0 else { return }
    unsigned(number << 3)
    unsigned(value)
  }

  mutating func field(_ number: UInt64, _ bytes: [UInt8]) {
    unsigned(number << 3 | 2)
    unsigned(UInt64(bytes.count))
    raw(bytes)
  }

  mutating func field(_ number: UInt64, packed values: [UInt64]) {
    var writer = ByteWriter()
    for value in values { writer.unsigned(value) }
    field(number, writer.bytes)
  }
}
