import TestSupport
import Testing
import Wasm
import WasmText

/// The types of WebAssembly 3.0 in the binary and in the text format.
struct TypeDecodingTests {
  /// What the type section holds, behind the number of groups.
  static func section(_ groups: [UInt8]...) -> [UInt8] {
    Binary.module((.type, Binary.vector(groups)))
  }

  /// In the binary format; in the text format; and what comes of it.
  @Test func definitions() throws {
    let bytes = Self.section(
      [0x60, 1, 0x63, 0x70, 1, 0x64, 0],
      [0x4E, 2, 0x50, 0, 0x5F, 2, 0x78, 0, 0x63, 2, 1, 0x4F, 1, 1, 0x5F, 2, 0x78, 0, 0x64, 2, 1],
      [0x4E, 0], [0x4E, 1, 0x5E, 0x77, 1], [0x50, 0, 0x60, 0, 0])
    let text = """
      (module
        (type $f (func (param (ref null func)) (result (ref $f))))
        (rec (type $s (sub (struct (field i8) (field $x (mut (ref null $t))))))
          (type $t (sub final $s (struct (field i8 (mut (ref null $t)))))))
        (rec) (rec (type (array (mut i16)))) (type (sub (func))))
      """
    let module = try Module(decoding: bytes, typeFeatures: features3)
    #expect(
      module.types.map { "\($0.subType)" } == [
        "(funcref) -> ((ref 0))", "sub struct i8, (mut (ref null 2))",
        "sub final 1 struct i8, (mut (ref 2))", "array (mut i16)", "sub () -> ()",
      ])
    #expect(module.types.recursionGroups == [0..<1, 1..<3, 3..<4, 4..<5])
    let assembled = try Module(
      decoding: assemble(text, features: features3), typeFeatures: features3)
    #expect(
      assembled.types.map(\.subType).dropLast(3).description
        == module.types.map(\.subType).dropLast(3).description)
    #expect(assembled.types[2].subType.description == "sub final 1 struct i8, (mut (ref null 2))")
    #expect(assembled.types.recursionGroups == module.types.recursionGroups)
  }

  /// Long forms of what has a short one are the same types.
  @Test func longForms() throws {
    let module = try Module(
      decoding: Self.section(
        [0x60, 2, 0x63, 0x70, 0x63, 0x6F, 0], [0x60, 2, 0x70, 0x6F, 0],
        [0x4E, 1, 0x4F, 0, 0x60, 2, 0x70, 0x6F, 0]),
      typeFeatures: features3)
    #expect(module.types.map(\.canonicalIndex) == [0, 0, 0])
    #expect(module.functionType(0) == FunctionType([.funcref, .externref], []))
  }

  /// Everywhere a type can stand.
  @Test func uses() throws {
    let module = try types3(
      """
      (type $t (func)) (import "" "" (global (ref $t))) (import "" "" (table 1 (ref null $t)))
      (func (param (ref null $t)) (result anyref) (local (ref null $t) exnref)
        (drop (block (result (ref null $t)) (ref.null $t)))
        (drop (select (result nullref) (ref.null none) (ref.null none) (i32.const 0)))
        (ref.null i31))
      (global (ref null $t) (ref.null $t)) (table 0 (ref null $t))
      (elem (ref null $t) (ref.null $t)) (table (ref null $t) (elem (ref.null $t)))
      """)
    #expect(module.globals.map { "\($0.type.value)" } == ["(ref 0)", "(ref null 0)"])
    #expect(module.tables.map { "\($0.element)" } == Array(repeating: "(ref null 0)", count: 3))
    #expect(
      module.localTypes(ofFunction: 0).map(\.description) == [
        "(ref null 0)", "(ref null 0)", "exnref",
      ])
    #expect(module.elements[0].type == .reference(.concrete(0)))
    #expect(module.elements[0].items[0] == .null)
    var reader = InstructionReader(module, function: 0)
    var blocks: [BlockType] = []
    var selected: [ValueType] = []
    while let i = try reader.next() {
      if i.opcode == .block { blocks.append(i.blockType) }
      if i.opcode == .refNull || i.opcode == .selectT { selected.append(i.selectType) }
    }
    #expect(blocks == [.value(.reference(.concrete(0)))])
    #expect(
      selected.map(\.description)
        == ["(ref null 0)", "nullref", "nullref", "nullref", "i31ref"])
    let needed = try module.features()
    #expect(FeatureSet.valid.contains(.referenceTypes) && needed.contains(.gc))
    #expect(needed.contains(.functionReferences) && needed.contains(.exceptions))
  }

  /// A function whose instructions alone name such types needs their features.
  @Test func featuresOfBodies() throws {
    for (body, feature) in [
      ("(drop (ref.null any))", .gc), ("(drop (block (result exnref) unreachable))", .exceptions),
    ] as [(String, Feature)] {
      let module = try types3("(type (func)) (func \(body))")
      #expect(try module.features(ofFunction: 0).contains(feature), "\(body)")
      #expect(
        try module.firstNeed(ofFunction: 0, beyond: [.mvp, .referenceTypes])?.feature == feature)
    }
  }

  /// What is wrong, as the type section's contents, and where.
  static let wrong: [(String, WasmError.Kind, Int, [UInt8])] = [
    // A type refers to what comes in front of its group and to the group.
    ("unknown type 1", .invalid, 14, section([0x60, 1, 0x64, 1, 0], [0x60, 0, 0])),
    ("unknown type 2", .invalid, 19, section([0x4E, 2, 0x60, 0, 0, 0x5F, 1, 0x63, 2, 0])),
    (
      "unknown type 4294967295", .invalid, 14,
      section([0x60, 1, 0x64, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0])
    ),
    // A supertype comes in front of its subtype.
    ("unknown type 0", .invalid, 13, section([0x50, 1, 0, 0x60, 0, 0])),
    (
      "unknown type 1", .invalid, 15,
      section([0x4E, 2, 0x50, 1, 1, 0x60, 0, 0, 0x50, 0, 0x60, 0, 0])
    ),
    (
      "more than one supertype", .invalid, 17,
      section([0x50, 0, 0x60, 0, 0], [0x50, 2, 0, 0, 0x60, 0, 0])
    ),
    (
      "sub type 1 does not match super type 0", .invalid, 14,
      section([0x60, 0, 0], [0x50, 1, 0, 0x60, 0, 0])
    ),
    (
      "sub type 1 does not match super type 0", .invalid, 16,
      section([0x50, 0, 0x60, 0, 0], [0x50, 1, 0, 0x60, 1, 0x7F, 0])
    ),
    (
      "sub type 1 does not match super type 0", .invalid, 17,
      section([0x50, 0, 0x5F, 1, 0x7F, 0], [0x50, 1, 0, 0x5F, 0])
    ),
    ("malformed heap type", .malformed, 14, section([0x60, 1, 0x64, 0x40, 0])),
    ("malformed heap type", .malformed, 14, section([0x60, 1, 0x64, 0x63, 0])),
    (
      "integer representation too long", .malformed, 18,
      section([0x60, 1, 0x64, 0x80, 0x80, 0x80, 0x80, 0x80, 0])
    ),
    ("malformed storage type", .malformed, 12, section([0x5E, 0x40, 0])),
    ("malformed mutability", .malformed, 13, section([0x5E, 0x78, 2])),
    ("malformed type definition", .malformed, 13, section([0x50, 0, 0x4E, 0])),
    ("malformed type definition", .malformed, 13, section([0x4E, 1, 0x4E, 0])),
    ("10001 fields, the limit is 10000", .limit, 12, section([0x5F, 0x91, 0x4E])),
    ("1000001 types, the limit is 1000000", .limit, 12, section([0x4E, 0xC1, 0x84, 0x3D])),
    (
      "2 types, the limit is 1", .limit, 3_000_016,
      section(limitGroup(999_999), [0x4E, 2, 0x60, 0, 0, 0x60, 0, 0])
    ),
    (
      "more types than 1000000, the limit", .limit, 3_000_018,
      section(limitGroup(1_000_000), [0x60, 0, 0])
    ),
  ]

  private static func limitGroup(_ count: Int) -> [UInt8] {
    [0x4E] + Binary.leb(count) + Array(repeatElement([0x60, 0, 0], count: count).joined())
  }

  @Test(arguments: wrong.indices)
  func refusals(_ index: Int) throws {
    let (message, kind, offset, bytes) = Self.wrong[index]
    let error = try #require(refusal3(of: bytes))
    #expect(error.message == message)
    #expect(error.kind == kind && error.offset == offset, "\(error)")
  }

  /// Outside of the type section, with the place of the index.
  @Test func unknownTypes() throws {
    let type: (Binary.Section, [UInt8]) = (.type, [1, 0x60, 0, 0])
    for (bytes, offset) in [
      (Binary.module(type, (.table, [1, 0x63, 1, 0, 0])), 18),
      (Binary.module(type, (.global, [1, 0x63, 1, 0, 0xD0, 0, 0x0B])), 18),
      (Binary.module(type, (.global, [1, 0x63, 0, 0, 0xD0, 1, 0x0B])), 21),
      (Binary.module((.table, [1, 0x63, 0, 0, 0])), 12),
      (Binary.function([0xD0, 1, 0x1A]), 35), (Binary.function([0x02, 0x63, 1, 0x0B]), 36),
      (Binary.function([], locals: [1, 1, 0x63, 1]), 36),
    ] as [([UInt8], Int)] {
      let error = try #require(refusal3(of: bytes))
      #expect(error.message == "unknown type 1" || error.message == "unknown type 0")
      #expect(error.kind == .invalid && error.offset == offset, "\(error)")
    }
  }

  @Test func whatIsNoFunctionType() throws {
    for (text, message) in [
      ("(type (struct)) (func (type 0))", "non-function type 0"),
      ("(type (struct)) (import \"\" \"\" (func (type 0)))", "non-function type 0"),
      ("(type (struct)) (func (block (type 0)))", "non-function type 0"),
      (
        "(type (array i8)) (table 1 funcref) (func (call_indirect (type 0) (i32.const 0)))",
        "non-function type 0"
      ),
    ] {
      let error = refusal3(of: try assemble("(module \(text))", features: features3))
      #expect(error?.message == message && error?.kind == .invalid, "\(text)")
    }
  }

  @Test func depthOfSubtyping() throws {
    func chain(_ count: Int) -> String {
      (0..<count).map { "(type (sub \($0) (func)))" }.reduce("(type (sub (func)))", +)
    }
    #expect(try types3(chain(63)).types.isSubtype(63, of: 0))
    let error = refusal3(of: try assemble("(module \(chain(64)))", features: features3))
    #expect(error?.kind == .limit && error?.message == "supertypes 64 deep, the limit is 63")
  }

  /// Whatever a byte of a module is changed to, it is refused at a place of its own, or its types can be compared and written.
  @Test func damagedModules() throws {
    let sound = try assemble(
      """
      (module
        (type $f (sub (func (param (ref null $f)) (result funcref))))
        (rec (type $s (sub (struct (field i8) (field (mut (ref null $t))))))
          (type $t (sub final $s (struct (field i8) (field (mut (ref null $t)))))))
        (type (array (mut i16)))
        (global (ref null $s) (ref.null $s)) (table 0 (ref null $f))
        (func (type $f) (local exnref) (block (result (ref null $f)) (local.get 0))))
      """, features: features3)
    #expect(refusal3(of: sound) == nil)
    let values: [UInt8] = [
      0, 1, 2, 3, 0x40, 0x4E, 0x4F, 0x50, 0x5E, 0x5F, 0x60, 0x63, 0x64, 0x69, 0x6B, 0x6E, 0x70,
      0x71,
      0x77, 0x78, 0x7F, 0x80, 0xFF,
    ]
    var (taken, refused) = (0, 0)
    for position in sound.indices.dropFirst(8) {
      for value in values {
        var bytes = sound
        bytes[position] = value
        if let error = refusal3(of: bytes) {
          refused += 1
          #expect((0...bytes.count).contains(error.offset), "\(position) \(value): \(error)")
          continue
        }
        taken += 1
        let types = try Module(validating: bytes, typeFeatures: features3).types
        var again = TypeSpace()
        for group in types.recursionGroups { again.append(group: types[group].map(\.subType)) }
        #expect(again.elementsEqual(types))
        for index in types.indices { #expect(types.isSubtype(index, of: index)) }
      }
    }
    #expect(taken > 50 && refused > 500)
  }

  // MARK: Features

  /// Each form needs its feature, in both formats.
  @Test func featuresAreNeeded() throws {
    for (text, feature) in [
      ("(type (func (param (ref func))))", .functionReferences),
      ("(type $t (func)) (global (ref null $t) (ref.null $t))", .functionReferences),
      ("(type (sub (func)))", .recursiveTypes), ("(rec (type (func)))", .recursiveTypes),
      ("(type (struct))", .gc), ("(rec (type (struct)))", .gc), ("(type (sub (struct)))", .gc),
      ("(type (array i8))", .gc), ("(type (func (param anyref)))", .gc),
      ("(type (func (param nullfuncref)))", .gc), ("(type (func (param exnref)))", .exceptions),
      ("(func (drop (ref.null any)))", .gc),
    ] as [(String, Feature)] {
      var others = features3
      others.remove(feature)
      let bytes = try assemble("(module \(text))", features: features3)
      #expect(throws: WasmTextError.self) { try assemble("(module \(text))", features: others) }
      #expect(refusal3(of: bytes) == nil, "\(text)")
      // A group of one type without `sub` is no other than the type alone.
      if text.hasPrefix("(rec") { continue }
      do throws(WasmError) {
        _ = try Module(validating: bytes, typeFeatures: others)
        Issue.record("\(text) is taken without \(feature)")
      } catch {
        #expect(error.kind == .unsupported(feature), "\(error)")
      }
    }
  }

  @Test func textErrors() throws {
    for (text, message) in [
      ("(type (func (param (ref $t))))", "unknown type"),
      ("(type (sub $t (func)))", "unknown type"),
      ("(type (sub 1 (func)))", "unknown type 1"),
      ("(global (ref 9999999) (ref.null 0))", "unknown type"),
      ("(type (func (param (ref funk))))", "func or extern"), ("(type (struct i32))", "')'"),
      ("(type (sub final))", "'(func'"), ("(type (array))", "a value type"),
      ("(type (struct)) (func (type 0) (param i32))", "unknown type 0"),
      ("(rec (func))", "')'"),
    ] {
      let error = #expect(throws: WasmTextError.self) {
        try assemble("(module \(text))", features: features3)
      }
      #expect(error?.message.contains(message) == true, "\(text): \(error as Any)")
    }
  }

  /// A type use finds only types that are alone in their group and plain.
  @Test func typeUses() throws {
    let module = try types3(
      "(rec (type (func)) (type (func))) (type (sub (func))) (type (func)) (func) (func (param i32))"
    )
    #expect(module.functions.map(\.typeIndex) == [3, 4])
  }

  // MARK: The official suite

  /// Modules of the suite that need nothing but types of 3.0 do what the suite says.
  @Test(.enabled(if: Suite.isPresent())) func suite() throws {
    var counts: [String: Int] = [:]
    for test in try Suite.cases() where !test.isSupported {
      if test.isOutdated { continue }
      let error = refusal3(of: test.bytes)
      switch (test.expectation, error?.kind) {
      case (_, .unsupported): counts["unsupported", default: 0] += 1
      case (.valid, nil), (.invalid, .invalid), (.malformed, .malformed):
        counts["\(test.expectation)", default: 0] += 1
      default:
        Issue.record("\(test.name) is \(test.expectation) (\(test.text)), got \(error as Any)")
      }
    }
    print("files of 3.0: \(counts)")
    #expect(counts["valid", default: 0] > 50 && counts["invalid", default: 0] > 20)
  }
}
