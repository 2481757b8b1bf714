import Testing
import Wasm

struct OpcodeTests {
  @Test func rowsRoundTrip() {
    var mnemonics: Set<String> = []
    for (ordinal, opcode) in Opcode.allCases.enumerated() {
      let info = opcode.info
      #expect(info.opcode == opcode && opcode.ordinal == ordinal)
      #expect(Opcode(prefix: info.prefix, code: info.code) == opcode)
      #expect(opcode.rawValue.split(separator: " ")[1] == info.mnemonic)
      if mnemonics.insert(info.mnemonic).inserted {
        #expect(Opcode(mnemonic: info.mnemonic) == opcode)
      } else {
        // The text tells these from their namesakes by their immediates.
        #expect([.selectT, .refTestNull, .refCastNull].contains(opcode))
      }
    }
    #expect(Opcode.count == Opcode.allCases.count)
  }

  @Test func rows() {
    #expect(Opcode.i32Load16U.info.immediate == .memoryArgument(naturalAlignment: 2))
    #expect(Opcode.i32Load16U.info.signature?.operands == [nil])
    #expect(Opcode.v128Load8Lane.info.immediate == .memoryArgumentAndLane(naturalAlignment: 1))
    #expect(Opcode.callIndirect.info.signature == nil)
    #expect(Opcode.i64Eq.info.signature?.operands == [.i64, .i64])
    #expect(Opcode.i64Eq.info.signature?.results == [.i32])
    #expect(Opcode.i64MulWideS.info.signature?.results == [.i64, .i64])
    #expect(Opcode.tableInit.info.prefix == 0xFC && Opcode.tableInit.info.code == 12)
    #expect(Opcode.i32x4RelaxedDotI8x16I7x16AddS.info.code == 0x113)
    #expect(Opcode(prefix: 0, code: 0xFF) == nil && Opcode(prefix: 0xFF, code: 0) == nil)
    #expect(Opcode(prefix: 0xFC, code: .max) == nil && Opcode(mnemonic: "i32.frob") == nil)
  }

  /// The number of rows behind each prefix, and the greatest number there.
  @Test(
    arguments: [
      (0xFB, 31, 0x1E), (0xFC, 22, 0x16), (0xFD, 256, 0x113), (0xFE, 67, 0x4E),
    ] as [(UInt8, Int, UInt32)])
  func prefix(_ prefix: UInt8, _ count: Int, _ last: UInt32) {
    let rows = Opcode.allCases.map(\.info).filter { $0.prefix == prefix }
    #expect(rows.count == count)
    #expect(rows.map(\.code).max() == last)
    #expect(
      Opcode(prefix: prefix, code: last) != nil && Opcode(prefix: prefix, code: last + 1) == nil)
  }

  /// A selection from the specification's index and the overview of the threads proposal.
  @Test(
    arguments: [
      (0, 0xD3, "ref.eq"), (0xFB, 0, "struct.new"), (0xFB, 0x05, "struct.set"),
      (0xFB, 0x08, "array.new_fixed"), (0xFB, 0x0B, "array.get"), (0xFB, 0x0F, "array.len"),
      (0xFB, 0x11, "array.copy"), (0xFB, 0x13, "array.init_elem"), (0xFB, 0x15, "ref.test"),
      (0xFB, 0x16, "ref.cast"), (0xFB, 0x19, "br_on_cast_fail"), (0xFB, 0x1A, "any.convert_extern"),
      (0xFB, 0x1C, "ref.i31"), (0xFB, 0x1E, "i31.get_u"), (0xFE, 0, "memory.atomic.notify"),
      (0xFE, 0x02, "memory.atomic.wait64"), (0xFE, 0x03, "atomic.fence"),
      (0xFE, 0x10, "i32.atomic.load"), (0xFE, 0x16, "i64.atomic.load32_u"),
      (0xFE, 0x1A, "i32.atomic.store16"), (0xFE, 0x1D, "i64.atomic.store32"),
      (0xFE, 0x1E, "i32.atomic.rmw.add"), (0xFE, 0x24, "i64.atomic.rmw32.add_u"),
      (0xFE, 0x27, "i32.atomic.rmw8.sub_u"), (0xFE, 0x2D, "i64.atomic.rmw.and"),
      (0xFE, 0x36, "i32.atomic.rmw16.or_u"), (0xFE, 0x3E, "i64.atomic.rmw8.xor_u"),
      (0xFE, 0x46, "i64.atomic.rmw16.xchg_u"), (0xFE, 0x48, "i32.atomic.rmw.cmpxchg"),
      (0xFE, 0x4E, "i64.atomic.rmw32.cmpxchg_u"),
    ] as [(UInt8, UInt32, String)])
  func name(_ prefix: UInt8, _ code: UInt32, _ mnemonic: String) throws {
    let info = try #require(Opcode(prefix: prefix, code: code)).info
    #expect(info.mnemonic == mnemonic)
    #expect(info.feature == (prefix == 0xFE ? .atomics : .gc))
  }

  /// Atomic instructions say their width twice: in their names and as their alignment.
  @Test func atomicWidths() {
    for info in Opcode.allCases.map(\.info) where info.prefix == 0xFE {
      guard case .atomicArgument(let alignment) = info.immediate else {
        #expect(info.opcode == .atomicFence && info.immediate == .zero)
        continue
      }
      let digits = info.mnemonic.split(separator: ".").last!.filter(\.isNumber)
      let width = info.mnemonic.contains("rmw") ? info.mnemonic.split(separator: ".")[2] : ""
      let narrow = Int(digits) ?? Int(width.filter(\.isNumber))
      let wide = info.mnemonic.hasPrefix("i64") ? 64 : 32
      #expect(alignment * 8 == narrow ?? wide, "\(info.mnemonic)")
      let result = info.mnemonic.hasPrefix("i64") ? ValueType.i64 : .i32
      #expect(info.signature?.operands.first == .some(nil))
      if let type = info.signature?.results.first { #expect(type == result, "\(info.mnemonic)") }
    }
  }

  /// What follows from an opcode's number agrees with its name.
  @Test func atomicAccesses() {
    typealias Operation = AtomicAccess.Operation
    let names: [Operation: String] = [
      .load: "load", .store: "store", .add: "add", .subtract: "sub", .and: "and", .or: "or",
      .exclusiveOr: "xor", .exchange: "xchg", .compareExchange: "cmpxchg",
    ]
    var counts: [Operation: Int] = [:]
    for opcode in Opcode.allCases {
      let parts = opcode.info.mnemonic.split(separator: ".")
      guard let access = AtomicAccess(opcode) else {
        let isOther = ["notify", "wait32", "wait64", "fence"].contains(parts.last)
        #expect(opcode.info.prefix != 0xFE || isOther, "\(opcode.info.mnemonic)")
        continue
      }
      counts[access.operation, default: 0] += 1
      let name = parts.last!.prefix { $0.isLetter }
      #expect(String(name) == names[access.operation], "\(opcode.info.mnemonic)")
      #expect("\(access.type)" == parts[0], "\(opcode.info.mnemonic)")
      #expect(.atomicArgument(naturalAlignment: access.size) == opcode.immediate)
    }
    #expect(Operation.allCases.allSatisfy { counts[$0] == 7 })
  }
}
