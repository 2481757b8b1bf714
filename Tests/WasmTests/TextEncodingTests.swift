import Testing
import Wasm
import WasmText

/// Binary encodings, byte by byte.
struct TextEncodingTests {
  /// The section's contents, nil if the module has none such.
  static func section(_ id: UInt8, _ text: String) throws -> [UInt8]? {
    let bytes = try assemble(text)
    var position = 8
    while position < bytes.count {
      let section = bytes[position]
      position += 1
      var size = 0
      var shift = 0
      while true {
        let byte = bytes[position]
        position += 1
        size |= Int(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      if section == id { return Array(bytes[position..<position + size]) }
      position += size
    }
    return nil
  }

  /// The code of the one function, without its size, local declarations and `end`.
  static func body(_ instructions: String) throws -> [UInt8] {
    let module = try Module(
      decoding: assemble("(memory 1) (table 1 funcref) (func \(instructions))"))
    return module.bytes[module.functions[0].body.dropLast()].map { $0 }
  }

  @Test func wholeModule() throws {
    let bytes = try assemble(
      """
      (module $m
        (func $add (export "add") (param $a i32) (param i32) (result i32) (local $c i64)
          (i32.add (local.get $a) (local.get 1))))
      """)
    #expect(
      bytes == [
        0, 0x61, 0x73, 0x6D, 1, 0, 0, 0,
        1, 7, 1, 0x60, 2, 0x7F, 0x7F, 1, 0x7F,
        3, 2, 1, 0,
        7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0,
        10, 11, 1, 9, 1, 1, 0x7E, 0x20, 0, 0x20, 1, 0x6A, 0x0B,
        0, 28, 4, 0x6E, 0x61, 0x6D, 0x65,
        0, 2, 1, 0x6D,  // module
        1, 6, 1, 0, 3, 0x61, 0x64, 0x64,  // functions
        2, 9, 1, 0, 2, 0, 1, 0x61, 2, 1, 0x63,  // locals
      ])
  }

  static let bodies: [(String, [UInt8])] = [
    ("i32.const -1", [0x41, 0x7F]), ("i32.const 0xffffffff", [0x41, 0x7F]),
    ("i32.const 64", [0x41, 0xC0, 0]), ("i32.const -64", [0x41, 0x40]),
    ("i32.const -65", [0x41, 0xBF, 0x7F]),
    ("i32.const -0x8000_0000", [0x41, 0x80, 0x80, 0x80, 0x80, 0x78]),
    ("i64.const 1_2_3", [0x42, 0xFB, 0]),
    ("i64.const +9223372036854775807", [0x42] + Array(repeating: 0xFF, count: 9) + [0]),
    ("f32.const 1", [0x43, 0, 0, 0x80, 0x3F]),
    ("f64.const -0x1p-1", [0x44, 0, 0, 0, 0, 0, 0, 0xE0, 0xBF]),
    ("i32.load offset=128 align=1", [0x28, 0, 0x80, 1]), ("i64.load8_u", [0x31, 0, 0]),
    ("i64.store align=2", [0x37, 1, 0]), ("i64.store offset=0x10", [0x37, 3, 0x10]),
    ("memory.copy", [0xFC, 10, 0, 0]), ("table.size 0", [0xFC, 16, 0]),
    ("table.copy 0 0", [0xFC, 14, 0, 0]), ("i32.trunc_sat_f64_u", [0xFC, 3]),
    ("ref.null func", [0xD0, 0x70]), ("ref.null extern", [0xD0, 0x6F]), ("ref.func 0", [0xD2, 0]),
    ("select", [0x1B]), ("select (result f64)", [0x1C, 1, 0x7C]),
    ("br_table 3 2 1", [0x0E, 2, 3, 2, 1]), ("br_table 4", [0x0E, 0, 4]),
    ("loop (result i64) end", [0x03, 0x7E, 0x0B]), ("block end", [0x02, 0x40, 0x0B]),
    ("call_indirect (type 0)", [0x11, 0, 0]),
  ]

  @Test(arguments: bodies.indices)
  func instruction(index: Int) throws {
    let (text, bytes) = Self.bodies[index]
    #expect(try Self.body(text) == bytes, "\(text)")
  }

  /// Every instruction without immediates or with a memory argument only, from the opcode table itself.
  @Test func everyPlainMnemonic() throws {
    for info in Opcode.allCases.map(\.info) where FeatureSet.valid.contains(info.feature) {
      let opcode: [UInt8] =
        info.prefix == 0 ? [UInt8(info.code)] : [info.prefix] + Binary.leb(Int(info.code))
      switch info.immediate {
      case .none where ![.else, .end, .catchAll].contains(info.opcode):
        #expect(try Self.body(info.mnemonic) == opcode, "\(info.mnemonic)")
      case .memoryArgument(let alignment), .atomicArgument(let alignment):
        let log2 = UInt8(alignment.trailingZeroBitCount)
        #expect(try Self.body(info.mnemonic) == opcode + [log2, 0], "\(info.mnemonic)")
      default: break
      }
    }
  }

  /// A page size follows the limits, in the binary as an exponent.
  @Test(
    arguments: [
      ("(memory 1 (pagesize 1))", [1, 8, 1, 0]),
      ("(memory 1 2 (pagesize 65536))", [1, 9, 1, 2, 16]),
      ("(memory i32 7 (pagesize 0x200))", [1, 8, 7, 9]),
      ("(memory (pagesize 1) (data \"abc\"))", [1, 9, 3, 3, 0]),
      ("(memory (pagesize 65536) (data \"abc\"))", [1, 9, 1, 1, 16]),
      ("(memory (data \"abc\"))", [1, 1, 1, 1]),
    ] as [(String, [UInt8])])
  func memory(text: String, bytes: [UInt8]) throws {
    #expect(try Self.section(5, text) == bytes, "\(text)")
    #expect(try Self.body("atomic.fence") == [0xFE, 3, 0])
  }

  /// The eight forms of element segments (spec 5.5.12).
  static let elements: [(String, [UInt8])] = [
    ("(elem (i32.const 7) 0)", [0, 0x41, 7, 0x0B, 1, 0]),
    ("(elem func 0 0)", [1, 0, 2, 0, 0]),
    ("(elem (table 1) (i32.const 7) func 0)", [2, 1, 0x41, 7, 0x0B, 0, 1, 0]),
    ("(elem declare func 0)", [3, 0, 1, 0]),
    ("(elem (i32.const 7) funcref (ref.null func))", [4, 0x41, 7, 0x0B, 1, 0xD0, 0x70, 0x0B]),
    ("(elem externref (ref.null extern))", [5, 0x6F, 1, 0xD0, 0x6F, 0x0B]),
    (
      "(elem (table 1) (i32.const 7) funcref (ref.null func))",
      [6, 1, 0x41, 7, 0x0B, 0x70, 1, 0xD0, 0x70, 0x0B]
    ),
    ("(elem declare funcref (ref.null func))", [7, 0x70, 1, 0xD0, 0x70, 0x0B]),
    // Only funcref can go without its type.
    ("(elem (i32.const 7) externref)", [6, 0, 0x41, 7, 0x0B, 0x6F, 0]),
  ]

  @Test(arguments: elements.indices)
  func element(index: Int) throws {
    let (text, bytes) = Self.elements[index]
    let module = "(func) (table 9 funcref) (table 9 funcref) \(text)"
    #expect(try Self.section(9, module) == [1] + bytes, "\(text)")
  }

  @Test func dataCount() throws {
    #expect(try Self.section(12, #"(memory 1) (data "a") (func)"#) == nil)
    #expect(try Self.section(12, #"(memory 1) (data "a") (func data.drop 0)"#) == [1])
    #expect(try Self.section(11, #"(memory 1) (data "\00\ff")"#) == [1, 1, 2, 0, 0xFF])
  }

  @Test func limits() throws {
    #expect(try Self.section(5, "(memory 1 0xFFFF_FFFF)") == [1, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 15])
    #expect(try Self.section(4, "(table 3 externref)") == [1, 0x6F, 0, 3])
    #expect(try Self.section(6, "(global (mut i64) i64.const 5)") == [1, 0x7E, 1, 0x42, 5, 0x0B])
  }

  @Test func memorySizes() throws {
    let page = String(repeating: "x", count: 65536)
    #expect(try Self.section(5, "(memory (data \"\(page)\"))") == [1, 1, 1, 1])
    #expect(try Self.section(5, "(memory (data \"\(page)\" \"y\"))") == [1, 1, 2, 2])
  }

  @Test func namesReachTheDecoder() throws {
    let module = try Module(
      decoding: assemble(#"(import "a" "b" (func $imported)) (func) (func $"own one")"#))
    #expect(module.functionName(0) == "imported")
    #expect(module.functionName(2) == "own one")
  }
}
