import TestSupport
import Testing
import Wasm

/// Damaged modules: refused or taken, but never a crash, a hang, or an offset outside the file.
struct RobustnessTests {
  /// Marsaglia's xorshift64*.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return state &* 0x2545_F491_4F6C_DD1D
    }
  }

  @Test func truncation() {
    let bytes = Binary.sample
    // Only at the end of a section can what is left be whole.
    let sections = Binary.sampleSections
    let ends = Set(sections.indices.map { Binary.module(sections[..<$0]).count })
    for length in 0..<bytes.count {
      let isWhole = exercise(Array(bytes[..<length]))
      if !ends.contains(length) { #expect(!isWhole, "cut at \(length)") }
    }
  }

  @Test func bitFlips() {
    var generator = Generator(state: 0x9E37_79B9_7F4A_7C15)
    var accepted = 0
    for round in 0..<20_000 {
      var bytes = Binary.sample
      for _ in 0...(round % 3) {
        let bit = Int.random(in: 64..<bytes.count * 8, using: &generator)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      }
      if exercise(bytes) { accepted += 1 }
    }
    print("bit flips: \(accepted) of 20000 still valid")
    #expect(accepted > 0 && accepted < 10_000)
  }

  @Test(.enabled(if: Suite.isPresent())) func suiteBitFlips() throws {
    var generator = Generator(state: 42)
    let modules = try Suite.cases().filter {
      $0.isSupported && $0.expectation == .valid && $0.bytes.count > 100
    }
    for module in modules.map(\.bytes) {
      for _ in 0..<20 {
        var bytes = module
        let place = Int.random(in: 8..<bytes.count, using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
        exercise(bytes)
      }
    }
    print("damaged modules of the suite: \(modules.count * 20)")
  }

  /// - Returns: whether the module is valid; then everything that can be asked of it was asked.
  @discardableResult
  private func exercise(_ bytes: [UInt8]) -> Bool {
    let decoding = decodingRefusal(of: bytes)
    if let decoding { #expect((0...bytes.count).contains(decoding.offset), "\(decoding)") }
    do throws(WasmError) {
      let module = try Module(validating: bytes)
      #expect(decoding == nil)
      _ = module.hash
      for index in module.functions.indices {
        _ = module.functionName(index)
        _ = module.bodyHash(function: index)
        _ = module.localTypes(ofFunction: index)
        var reader = InstructionReader(module, function: index)
        while try reader.next() != nil {}
      }
      return true
    } catch {
      #expect((0...bytes.count).contains(error.offset), "\(error)")
      // What cannot be decoded is not valid either.
      if decoding == nil {
        #expect(error.kind == .invalid, "\(error)")
      }
      return false
    }
  }

  @Test func speed() throws {
    let body: [UInt8] = [
      0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x20, 2, 0x6A, 0x22, 2, 0x28, 2, 0x90, 1, 0x41, 0xE4, 0,
      0x48, 0x0D, 0, 0x20, 2, 0x21, 0, 0x20, 0, 0x45, 0x0D, 1, 0x0C, 0, 0x0B, 0x0B, 0x20, 2,
    ]
    let function = Binary.code(
      (0..<10).flatMap { _ in body + [0x1A] } + body, locals: [1, 1, 0x7F])
    let count = (1 << 20) / function.count + 1
    let bytes = Binary.module(
      (.type, Binary.vector([[0x60, 2, 0x7F, 0x7E, 1, 0x7F]])),
      (.function, Binary.vector((0..<count).map { _ in [0] })), (.memory, [1, 0, 1]),
      (.code, Binary.vector((0..<count).map { _ in function })))
    var module: Module?
    let time = try ProcessorTime.measure { module = try Module(validating: bytes) }
    let decode = try ProcessorTime.measure { _ = try Module(decoding: bytes) }
    print("\(bytes.count) bytes: validated in \(time), decoded in \(decode)")
    #expect(module?.functions.count == count)
    #expect(bytes.count > 1 << 20)
    #if !DEBUG
      #expect(time < .milliseconds(500))
    #endif
  }
}
