import Bytes

/// Damages inputs as fuzzers without knowledge of the code do: the same ones in each run.
public struct Mutation {
  private var random: TestRandom

  public init(seed: UInt64) { random = TestRandom(seed: seed) }

  /// Numbers that are on one side or the other of a limit.
  private static let edges: [UInt64] = [
    0, 1, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000,
    0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, .max,
  ]

  /// - Parameter other: an input to take parts from.
  public mutating func apply(to input: [UInt8], other: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0..<(1 + number(4)) { change(&bytes, other) }
    return bytes
  }

  private mutating func number(_ end: Int) -> Int {
    end <= 1 ? 0 : Int.random(in: 0..<end, using: &random)
  }

  private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(number(256))) }
    let place = number(bytes.count)
    switch number(8) {
    case 0: bytes[place] ^= 1 << UInt8(number(8))
    case 1: bytes[place] = UInt8(number(256))
    case 2: replace(&bytes, place, littleEndian(Self.edges[number(Self.edges.count)]))
    case 3: replace(&bytes, place, leb(Self.edges[number(Self.edges.count)]))
    case 4: bytes.insert(contentsOf: part(of: other), at: place)
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + number(8)))
    case 6: replace(&bytes, place, part(of: number(2) == 0 ? other : bytes))
    default: if number(8) == 0 { bytes.removeSubrange(place...) } else { bytes[place] &+= 1 }
    }
  }

  private func replace(_ bytes: inout [UInt8], _ place: Int, _ new: [UInt8]) {
    bytes.replaceSubrange(place..<min(bytes.count, place + new.count), with: new)
  }

  private mutating func part(of bytes: [UInt8]) -> [UInt8] {
    let start = number(bytes.count)
    return Array(bytes[start...].prefix(1 + number(32)))
  }

  /// Some low bytes of it.
  private mutating func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<[1, 2, 4, 8][number(4)]).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  private func leb(_ value: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.unsigned(value)
    return writer.bytes
  }
}
