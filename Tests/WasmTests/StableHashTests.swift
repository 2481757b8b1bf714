import TestSupport
import Testing
import Wasm

struct StableHashTests {
  /// Published test vectors of xxHash64 with seed 0.
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func vectors(text: String, hash: UInt64) {
    #expect(StableHash.of(Array(text.utf8)) == hash)
  }

  @Test func everyLengthAndBitCounts() {
    let bytes = (0..<100).map { UInt8($0) }
    var seen: Set<UInt64> = []
    for count in 0...100 {
      #expect(seen.insert(StableHash.of(bytes[..<count])).inserted)
      // The slice's place in memory does not matter.
      #expect(StableHash.of(Array([7] + bytes)[1..<count + 1]) == StableHash.of(bytes[..<count]))
    }
    for bit in 0..<800 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(seen.insert(StableHash.of(flipped)).inserted)
    }
  }

  @Test func modules() throws {
    let module = try Module(validating: Binary.sample)
    #expect(module.hash == StableHash.of(Binary.sample))
    // A body's hash does not depend on where it stands.
    let bodies = [[0x41, 1, 0x1A], [0x42, 1, 0x1A], [0x41, 1, 0x1A]] as [[UInt8]]
    let three = try Module(
      validating: Binary.module(
        (.type, [1, 0x60, 0, 0]), (.function, [3, 0, 0, 0]),
        (.code, Binary.vector(bodies.map { Binary.code($0) }))))
    #expect(three.bodyHash(function: 0) == three.bodyHash(function: 2))
    #expect(three.bodyHash(function: 0) != three.bodyHash(function: 1))
  }

  @Test func speed() {
    let bytes = [UInt8](repeating: 7, count: 64 << 20)
    var hash: UInt64 = 0
    let time = ProcessorTime.measure { hash = StableHash.of(bytes) }
    let rate = 64.0 / 1024 / (time / .seconds(1))
    print("StableHash: \(rate) GiB/s (\(hash))")
    #if !DEBUG
      #expect(rate > 0.5)
    #endif
  }
}
