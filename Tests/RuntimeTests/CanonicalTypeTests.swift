import Glibc
import Testing
import Wasm
import WasmText

@testable import Runtime

/// Types that are equal are one type in the whole process, and are forgotten with their last user.
struct CanonicalTypeTests {
  static func module(_ text: String) throws -> Module {
    var features = FeatureSet.valid
    features.insert(.gc)
    return try Module(
      validating: assemble("(module \(text))", features: features), typeFeatures: features)
  }

  static func types(_ text: String) throws -> [CanonicalType] {
    CanonicalType.of(try module(text).types)
  }

  static func ids(_ text: String) throws -> [UInt32] { try types(text).map(\.id) }

  static let pair = """
    (rec (type $a (func (param (ref $b) (ref 0)))) (type $b (sub (struct (field (ref null $a))))))
    """

  // MARK: Equality

  @Test func equalTypesOfDifferentModules() throws {
    let one = try Self.types("(type (func)) \(Self.pair) (type (func (param (ref 1))))")
    let other = try Self.types(
      "(type (func)) (type (array i8)) \(Self.pair) (type (func (param (ref 2)))) (type (func))")
    // Not before its last use, which the compiler may put early.
    defer { withExtendedLifetime((one, other)) {} }
    #expect(one.map(\.id) == [0, 2, 3, 4].map { other[$0].id })
    #expect(other[5].id == one[0].id)
    #expect(Set(other.map(\.id)).count == 5)
    // What they are made of is said by id.
    #expect(one[1].type.parameters.map(\.typeIndex) == [one[2], one[0]].map { Int($0.id) })
    #expect(one[2].subType.isFinal == false && one[3].type == other[4].type)
  }

  @Test func typesThatOnlyLookEqual() throws {
    // Index 0 is another type in each.
    let one = try Self.types("(type (func)) (type (func (param (ref 0))))")
    let other = try Self.types("(type (func (param i32))) (type (func (param (ref 0))))")
    defer { withExtendedLifetime((one, other)) {} }
    #expect(one[1].id != other[1].id)
    // Structures that are alike, in groups that are not.
    let alone = try Self.types("(type (func)) (type (func (param (ref 1) (ref 0))))")
    let paired = try Self.types(
      "(type (func)) (rec (type (func (param (ref 1) (ref 0)))) (type (func)))")
    defer { withExtendedLifetime((alone, paired)) {} }
    #expect(alone[1].id != paired[1].id && alone[0].id == paired[0].id)
    #expect(paired[2].id != paired[0].id)
  }

  @Test func subtypesOfDifferentModules() throws {
    let chain = "(type (sub (func))) (type (sub 0 (func))) (type (sub 1 (func)))"
    let one = try Self.types(chain)
    let other = try Self.types("(type (struct)) (type (sub (func)))")
    defer { withExtendedLifetime((one, other)) {} }
    #expect(one[2].isSubtype(of: other[1]) && !other[1].isSubtype(of: one[2]))
    #expect(!one[2].isSubtype(of: other[0]) && one[0].isSubtype(of: other[1]))
    let expected = ValueType.reference(.concrete(Int(other[1].id)))
    #expect(one[2].fits(expected) && one[2].fits(.funcref) && !one[2].fits(.externref))
    #expect(!other[0].fits(expected))
    #expect(CanonicalType.representation(of: expected) == .function)
    let structure = ValueType.reference(.concrete(Int(other[0].id)))
    #expect(CanonicalType.representation(of: structure) == .internal)
  }

  // MARK: Release

  /// A process of its own gives out the smallest numbers again.
  @Test func lastUserReleases() async {
    await #expect(processExitsWith: .exitCode(53)) {
      guard let first = try? Self.ids("(type (func)) \(Self.pair)"), first == [1, 2, 3],
        Set((try? Self.ids("(type (array i8)) (type (array i16)) (type (struct))")) ?? [])
          == Set(first)
      else { _exit(1) }
      // One type of the pair keeps the pair, and what the pair refers to.
      guard var kept = try? Self.types("(type (func)) \(Self.pair)") else { _exit(2) }
      kept.removeSubrange(0...1)
      guard let again = try? Self.ids("(type (func)) \(Self.pair)"), again[2] == kept[0].id,
        let others = try? Self.ids("(type (array i8)) (type (array i16))"),
        Set(others).isDisjoint(with: again)
      else { _exit(3) }
      withExtendedLifetime(kept) {}
      // So does a function, whose record has the id only.
      let function = CanonicalType.withID(again[1])
      kept = []
      guard function.id == again[1], function.type.parameters.count == 2,
        (try? Self.ids("(type (func)) \(Self.pair)")) == again
      else { _exit(4) }
      _exit(53)
    }
  }

  /// 200,000 types, each of which refers to the one before: neither making nor releasing them takes a stack of that depth.
  @Test func longChains() async {
    await #expect(processExitsWith: .exitCode(54)) {
      var types = TypeSpace()
      types.append(group: [SubType(FunctionType([], []))])
      for index in 0..<200_000 {
        types.append(
          group: [SubType(FunctionType([.reference(.concrete(index))], []))])
      }
      var last = CanonicalType.of(types).last
      guard last?.id == 200_001 else { _exit(1) }
      last = nil
      guard let id = try? Self.ids("(type (array i8))")[0], id <= 200_001 else { _exit(2) }
      _exit(54)
    }
  }

  /// Threads that make, compare and drop the same types meet at one id for as long as somebody has it, and leave nothing behind.
  @Test func concurrentUse() async {
    await #expect(processExitsWith: .exitCode(55)) {
      guard
        let module = try? Self.module(
          "(type (func)) \(Self.pair) (type (sub 2 (struct (field (ref null 1)))))")
      else { _exit(1) }
      let good = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          group.addTask {
            for round in 0..<2_000 {
              let one = CanonicalType.of(module.types)
              let other = CanonicalType.of(module.types)
              guard one.map(\.id) == other.map(\.id), Set(one.map(\.id)).count == 4,
                one[3].isSubtype(of: other[2]), !one[2].isSubtype(of: other[3]),
                CanonicalType.withID(one[1].id).type == other[1].type
              else { return false }
              if (number + round) % 3 == 0 {
                _ = CanonicalType.of(FunctionType(Array(repeating: .i64, count: number), []))
              }
            }
            return true
          }
        }
        return await group.reduce(true) { $0 && $1 }
      }
      guard good else { _exit(2) }
      let types = CanonicalType.of(module.types)
      // No more ids were given out than types lived at once.
      guard types.allSatisfy({ $0.id <= 8 * 5 }) else { _exit(3) }
      _exit(55)
    }
  }

  // MARK: Imports (spec 3.0 3.3, external types)

  /// What is exported with these types can be imported with those.
  @Test(
    arguments: [
      // Functions: the type itself or a declared supertype of it.
      (
        "(type (sub (func))) (type (sub 0 (func))) (func (export \"x\") (type 1))",
        "(type (sub (func))) (import \"m\" \"x\" (func (type 0)))", true
      ),
      (
        "(type (sub (func))) (func (export \"x\") (type 0))",
        "(type (sub (func))) (type (sub 0 (func))) (import \"m\" \"x\" (func (type 1)))", false
      ),
      (
        "(type (func)) (func (export \"x\") (type 0))",
        "(type (sub (func))) (import \"m\" \"x\" (func (type 0)))", false
      ),
      (
        "(rec (type (func)) (type (struct))) (func (export \"x\") (type 0))",
        "(rec (type (func)) (type (struct))) (import \"m\" \"x\" (func (type 0)))", true
      ),
      (
        "(rec (type (func)) (type (struct))) (func (export \"x\") (type 0))",
        "(type (func)) (import \"m\" \"x\" (func (type 0)))", false
      ),
      // Globals: covariant, but for those that can be written.
      (
        "(type (func)) (global (export \"x\") (ref null 0) (ref.null 0))",
        "(import \"m\" \"x\" (global funcref))", true
      ),
      (
        "(type (func)) (global (export \"x\") (ref null 0) (ref.null 0))",
        "(type (array i8)) (type (func)) (import \"m\" \"x\" (global (ref null 1)))", true
      ),
      (
        "(type (func)) (global (export \"x\") (ref null 0) (ref.null 0))",
        "(type (func (param i32))) (import \"m\" \"x\" (global (ref null 0)))", false
      ),
      (
        "(type (func)) (global (export \"x\") (mut (ref null 0)) (ref.null 0))",
        "(import \"m\" \"x\" (global (mut funcref)))", false
      ),
      (
        "(type (func)) (global (export \"x\") (mut (ref null 0)) (ref.null 0))",
        "(type (array i8)) (type (func)) (import \"m\" \"x\" (global (mut (ref null 1))))", true
      ),
      (
        "(global (export \"x\") funcref (ref.null func))",
        "(import \"m\" \"x\" (global externref))", false
      ),
      // Tables: the same elements.
      (
        "(type (func)) (table (export \"x\") 2 (ref null 0))",
        "(type (array i8)) (type (func)) (import \"m\" \"x\" (table 1 (ref null 1)))", true
      ),
      (
        "(type (func)) (table (export \"x\") 2 (ref null 0))",
        "(import \"m\" \"x\" (table 1 funcref))", false
      ),
      (
        "(table (export \"x\") 2 funcref)",
        "(type (func)) (import \"m\" \"x\" (table 1 (ref null 0)))", false
      ),
    ] as [(String, String, Bool)])
  func imports(_ exporter: String, _ importer: String, _ isLinked: Bool) throws {
    let machine = try Machine()
    let instance = try machine.linker.instantiate(CompiledModule(Self.module(exporter)))
    machine.linker.define("m", instance)
    let compiled = CompiledModule(try Self.module(importer))
    if isLinked {
      _ = try machine.linker.instantiate(compiled)
    } else {
      #expect(throws: LinkError.self) { try machine.linker.instantiate(compiled) }
    }
  }

  // MARK: The host

  @Test func hostValues() throws {
    let machine = try Machine()
    let instance = try machine.linker.instantiate(
      CompiledModule(
        Self.module(
          """
          (type $f (func (result i32))) (type $g (func (result i64)))
          (table (export "t") 1 (ref null $f))
          (global (export "g") (mut (ref null $g)) (ref.null $g))
          (func (export "f") (type $f) (i32.const 7)) (func (export "other") (type $g) (i64.const 8))
          (func (export "call") (param (ref null $f)) (result i32)
            (table.set 0 (i32.const 0) (local.get 0)) (call_indirect (type $f) (i32.const 0)))
          """)))
    let f = try #require(instance.exportedFunction("f"))
    let other = try #require(instance.exportedFunction("other"))
    #expect(try instance.call("call", .funcref(f)) == [.i32(7)])
    #expect(throws: UsageError.self) { try instance.call("call", .funcref(other)) }
    #expect(throws: UsageError.self) { try instance.call("call", .externref(nil)) }
    #expect(throws: Trap.self) { try instance.call("call", .funcref(nil)) }
    guard case .global(let global)? = instance.export("g"),
      case .table(let table)? = instance.export("t")
    else {
      Issue.record("exports are missing")
      return
    }
    try global.set(.funcref(other))
    #expect(global.value == .funcref(other))
    #expect(throws: UsageError.self) { try global.set(.funcref(f)) }
    #expect(throws: UsageError.self) { try table.set(0, .funcref(other)) }
    try table.set(0, .funcref(f))
    #expect(try table.get(0) == .funcref(f))
  }

  /// A host has no type index space.
  @Test func hostMakesNoConcreteTypes() throws {
    let store = try Machine().store
    let type = ValueType.reference(.concrete(1))
    let limits = Limits(min: 1)
    #expect(throws: UsageError.self) { try store.makeFunction(FunctionType([type], [])) { _ in } }
    #expect(throws: UsageError.self) {
      try store.makeTable(TableType(element: type, limits: limits))
    }
    #expect(throws: UsageError.self) {
      try store.makeGlobal(GlobalType(value: type, isMutable: false), .funcref(nil))
    }
    let some = ValueType.reference(isNullable: false, .abstract(.func))
    #expect(throws: UsageError.self) {
      try store.makeTable(TableType(element: some, limits: limits))
    }
  }
}
