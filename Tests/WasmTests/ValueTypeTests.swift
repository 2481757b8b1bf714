import Bytes
import Testing
import Wasm

struct ValueTypeTests {
  /// Each type that has no index, as the text format writes it, with its bytes.
  static let types: [(ValueType, String, [UInt8])] = [
    (.i32, "i32", [0x7F]), (.i64, "i64", [0x7E]), (.f32, "f32", [0x7D]), (.f64, "f64", [0x7C]),
    (.v128, "v128", [0x7B]), (.funcref, "funcref", [0x70]), (.externref, "externref", [0x6F]),
    (.reference(.abstract(.nofunc)), "nullfuncref", [0x73]),
    (.reference(.abstract(.noextern)), "nullexternref", [0x72]),
    (.reference(.abstract(.any)), "anyref", [0x6E]),
    (.reference(.abstract(.eq)), "eqref", [0x6D]),
    (.reference(.abstract(.i31)), "i31ref", [0x6C]),
    (.reference(.abstract(.struct)), "structref", [0x6B]),
    (.reference(.abstract(.array)), "arrayref", [0x6A]),
    (.reference(.abstract(.none)), "nullref", [0x71]),
    (.reference(.abstract(.exn)), "exnref", [0x69]),
    (.reference(.abstract(.noexn)), "nullexnref", [0x74]),
    (.reference(isNullable: false, .abstract(.func)), "(ref func)", [0x64, 0x70]),
    (.reference(isNullable: false, .abstract(.struct)), "(ref struct)", [0x64, 0x6B]),
    (.reference(.concrete(3)), "(ref null 3)", [0x63, 3]),
    (.reference(isNullable: false, .concrete(64)), "(ref 64)", [0x64, 0xC0, 0]),
    (
      .reference(isNullable: false, .concrete(999_999)), "(ref 999999)", [0x64, 0xBF, 0x84, 0x3D]
    ),
  ]

  @Test func fourBytes() { #expect(MemoryLayout<ValueType>.stride == 4) }

  @Test(arguments: types)
  func spellings(_ type: ValueType, _ text: String, _ bytes: [UInt8]) {
    #expect(type.description == text)
    var writer = ByteWriter()
    type.encode(to: &writer)
    #expect(writer.bytes == bytes)
    #expect(type.isReference == (bytes[0] < 0x7B))
  }

  @Test func allAreDifferent() { #expect(Set(Self.types.map(\.0)).count == Self.types.count) }

  /// What a type is made of is what it is taken apart to.
  @Test func kinds() {
    #expect(Self.types.prefix(5).map(\.0.kind) == [.i32, .i64, .f32, .f64, .v128])
    let heaps = AbstractHeapType.allCases.map(HeapType.abstract) + [.concrete(0), .concrete(7)]
    for heap in heaps {
      for isNullable in [true, false] {
        let type = ValueType.reference(isNullable: isNullable, heap)
        #expect(type.kind == .reference(isNullable: isNullable, heap))
        #expect(type.hasDefault == isNullable)
        #expect(type.isReference && !type.isFloat)
      }
    }
    #expect(ValueType.reference(.concrete(7)).typeIndex == 7 && ValueType.funcref.typeIndex == nil)
    #expect(ValueType.f64.isFloat && ValueType.i64.hasDefault && !ValueType.v128.isReference)
  }

  /// Artefacts keep these bytes.
  @Test func representations() throws {
    let module = try types3("(type (func)) (type (struct)) (type (array i8))")
    func byte(_ type: ValueType) -> UInt8 { module.representation(of: type).rawValue }
    for (type, _, bytes) in Self.types.prefix(7) { #expect(byte(type) == bytes[0]) }
    for (heap, representation) in [
      (.nofunc, .function), (.noextern, .external), (.any, .internal), (.eq, .internal),
      (.i31, .internal), (.struct, .internal), (.array, .internal), (.none, .internal),
      (.exn, .exception), (.noexn, .exception),
    ] as [(AbstractHeapType, Representation)] {
      for isNullable in [true, false] {
        let type = ValueType.reference(isNullable: isNullable, .abstract(heap))
        #expect(module.representation(of: type) == representation)
      }
    }
    let defined = (0..<3).map { module.representation(of: .reference(.concrete($0))) }
    #expect(defined == [.function, .internal, .internal])
    #expect(
      Representation.allCases.map(\.description) == [
        "i32", "i64", "f32", "f64", "v128", "funcref", "externref", "anyref", "exnref",
      ])
  }
}
