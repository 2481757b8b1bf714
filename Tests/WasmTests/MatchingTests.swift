import Testing
import Wasm
import WasmText

/// The rules of the specification 3.0, section 3.3, in both directions.
struct MatchingTests {
  /// Each abstract heap type with all that it matches.
  static let hierarchy: [AbstractHeapType: Set<AbstractHeapType>] = [
    .any: [.any], .eq: [.eq, .any], .i31: [.i31, .eq, .any], .struct: [.struct, .eq, .any],
    .array: [.array, .eq, .any], .none: [.none, .i31, .struct, .array, .eq, .any],
    .func: [.func], .nofunc: [.nofunc, .func], .extern: [.extern], .noextern: [.noextern, .extern],
    .exn: [.exn], .noexn: [.noexn, .exn],
  ]

  @Test(arguments: AbstractHeapType.allCases)
  func abstractHeapTypes(_ type: AbstractHeapType) throws {
    let space = TypeSpace()
    for other in AbstractHeapType.allCases {
      let expected = try #require(Self.hierarchy[type]).contains(other)
      #expect(type.matches(other) == expected, "\(type) \(other)")
      #expect(space.matches(HeapType.abstract(type), .abstract(other)) == expected)
      // Nullable types do not match others.
      for (isNullable, mayBeNull) in [(true, true), (false, true), (false, false), (true, false)] {
        let matches = space.matches(
          .reference(isNullable: isNullable, .abstract(type)),
          .reference(isNullable: mayBeNull, .abstract(other)))
        #expect(matches == (expected && (mayBeNull || !isNullable)), "\(type) \(other)")
      }
    }
  }

  /// 0 to 2: a chain of functions; 3: a function like 0, but final; 4, 5: structures; 6: an array.
  static let defined = """
    (type (sub (func))) (type (sub 0 (func))) (type (sub final 1 (func))) (type (func))
    (type (sub (struct (field i32)))) (type (sub 4 (struct (field i32) (field i64))))
    (type (array i8))
    """

  @Test func concreteHeapTypes() throws {
    let space = try types3(Self.defined).types
    let functions: [(Int, Set<Int>)] = [
      (0, [0]), (1, [0, 1]), (2, [0, 1, 2]), (3, [3]), (4, [4]), (5, [4, 5]), (6, [6]),
    ]
    for (index, supertypes) in functions {
      for other in space.indices {
        let matches = space.matches(HeapType.concrete(index), .concrete(other))
        #expect(matches == supertypes.contains(other), "\(index) \(other)")
      }
      let kind: AbstractHeapType = index < 4 ? .func : index < 6 ? .struct : .array
      for heap in AbstractHeapType.allCases {
        #expect(
          space.matches(HeapType.concrete(index), .abstract(heap))
            == Self.hierarchy[kind]!.contains(heap), "\(index) \(heap)")
        // Nothing but the bottom of its hierarchy matches a defined type.
        #expect(
          space.matches(HeapType.abstract(heap), .concrete(index))
            == (heap == (index < 4 ? .nofunc : .none)), "\(heap) \(index)")
      }
    }
    let (some, maybe) = (
      ValueType.reference(isNullable: false, .concrete(1)), ValueType.reference(.concrete(1))
    )
    #expect(space.matches(some, maybe) && !space.matches(maybe, some))
    #expect(space.matches(some, .funcref) && !space.matches(.funcref, some))
  }

  @Test func numbersMatchThemselves() {
    let types: [ValueType] = [.i32, .i64, .f32, .f64, .v128, .funcref, .externref]
    let space = TypeSpace()
    for type in types {
      for other in types { #expect(space.matches(type, other) == (type == other)) }
    }
  }

  static let any = ValueType.reference(.abstract(.any))
  static let eq = ValueType.reference(.abstract(.eq))

  @Test func functionTypes() {
    let space = TypeSpace()
    func matches(_ a: FunctionType, _ b: FunctionType) -> Bool { space.matches(a, b) }
    let type = FunctionType([Self.any], [Self.eq])
    // It may take less and give more.
    #expect(matches(type, FunctionType([Self.eq], [Self.eq])))
    #expect(matches(type, FunctionType([Self.any], [Self.any])))
    #expect(matches(type, FunctionType([Self.eq], [Self.any])))
    #expect(!matches(FunctionType([Self.eq], [Self.eq]), type))
    #expect(!matches(FunctionType([Self.any], [Self.any]), type))
    #expect(!matches(type, FunctionType([], [Self.eq])))
    #expect(!matches(type, FunctionType([Self.any], [])))
    #expect(!matches(type, FunctionType([Self.any, .i32], [Self.eq])))
    #expect(matches(FunctionType([], []), FunctionType([], [])))
  }

  @Test func fieldsAndCompositeTypes() {
    let space = TypeSpace()
    let constant = FieldType(.value(Self.eq), isMutable: false)
    let variable = FieldType(.value(Self.eq), isMutable: true)
    let wide = FieldType(.value(Self.any), isMutable: false)
    let wideVariable = FieldType(.value(Self.any), isMutable: true)
    #expect(space.matches(constant, wide) && !space.matches(wide, constant))
    #expect(space.matches(variable, variable))
    #expect(!space.matches(variable, wideVariable) && !space.matches(wideVariable, variable))
    #expect(!space.matches(constant, variable) && !space.matches(variable, constant))
    let (i8, i16) = (FieldType(.i8, isMutable: false), FieldType(.i16, isMutable: false))
    let i32 = FieldType(.value(.i32), isMutable: false)
    #expect(space.matches(i8, i8) && space.matches(i16, i16))
    #expect(!space.matches(i8, i16) && !space.matches(i16, i8))
    #expect(!space.matches(i8, i32) && !space.matches(i32, i8))

    func matches(_ a: CompositeType, _ b: CompositeType) -> Bool { space.matches(a, b) }
    #expect(matches(.structure([constant, i8]), .structure([wide])))
    #expect(matches(.structure([i8]), .structure([])))
    #expect(!matches(.structure([]), .structure([i8])))
    #expect(!matches(.structure([wide]), .structure([constant])))
    #expect(matches(.array(constant), .array(wide)) && !matches(.array(wide), .array(constant)))
    #expect(!matches(.array(i8), .structure([i8])) && !matches(.structure([i8]), .array(i8)))
    #expect(!matches(.function(FunctionType([], [])), .structure([])))
    #expect(!matches(.structure([]), .function(FunctionType([], []))))
  }

  @Test func globalsTablesAndLimits() {
    let space = TypeSpace()
    func global(_ type: ValueType, _ isMutable: Bool) -> GlobalType {
      GlobalType(value: type, isMutable: isMutable)
    }
    #expect(space.matches(global(Self.eq, false), global(Self.any, false)))
    #expect(!space.matches(global(Self.any, false), global(Self.eq, false)))
    #expect(space.matches(global(Self.eq, true), global(Self.eq, true)))
    #expect(!space.matches(global(Self.eq, true), global(Self.any, true)))
    #expect(!space.matches(global(Self.eq, true), global(Self.eq, false)))
    #expect(!space.matches(global(Self.eq, false), global(Self.eq, true)))
    #expect(!space.matches(global(.i32, false), global(.i64, false)))

    let limits = Limits(min: 2, max: 5)
    #expect(limits.matches(Limits(min: 2, max: 5)) && limits.matches(Limits(min: 0)))
    #expect(limits.matches(Limits(min: 1, max: 6)))
    #expect(!limits.matches(Limits(min: 3, max: 5)) && !limits.matches(Limits(min: 2, max: 4)))
    #expect(!Limits(min: 2).matches(limits) && Limits(min: 2).matches(Limits(min: 2)))

    let table = TableType(element: Self.eq, limits: limits)
    #expect(space.matches(table, table))
    #expect(!space.matches(table, TableType(element: Self.any, limits: limits)))
    #expect(!space.matches(TableType(element: Self.any, limits: limits), table))
    #expect(!space.matches(table, TableType(element: Self.eq, limits: Limits(min: 3))))
  }

  // MARK: Where validation compares

  /// Valid and invalid fields: what the validator takes is what matches.
  @Test(
    arguments: [
      // Parameters of a call, results, globals, locals.
      (
        "(type (func)) (func $f (param funcref)) (func (param (ref 0)) (call $f (local.get 0)))",
        nil
      ),
      (
        "(type (func)) (func $f (param (ref 0))) (func (param funcref) (call $f (local.get 0)))",
        true
      ),
      ("(func (param (ref func)) (result funcref) (local.get 0))", nil),
      ("(func (param funcref) (result (ref func)) (local.get 0))", true),
      ("(func (param anyref) (result funcref) (local.get 0))", true),
      ("(func (result externref) (ref.null noextern))", nil),
      ("(func (result externref) (ref.null nofunc))", true),
      ("(func (local funcref) (local.set 0 (ref.null nofunc)))", nil),
      ("(global (mut funcref) (ref.null nofunc))", nil),
      ("(global (mut nullfuncref) (ref.null func))", true),
      ("(type (func)) (func $f) (global (ref 0) (ref.func $f))", nil),
      ("(type (func (param i32))) (func $f) (global (ref 0) (ref.func $f))", true),
      ("(type (func (param i32))) (global (ref null 0) (ref.null 0))", nil),
      ("(type (func)) (type (func (param i32))) (global (ref null 0) (ref.null 1))", true),
      // Equal types are one.
      ("(type (func)) (type (func)) (func (param (ref 0)) (result (ref 1)) (local.get 0))", nil),
      // Blocks.
      ("(func (param (ref func)) (drop (block (result funcref) (local.get 0))))", nil),
      ("(func (param funcref) (drop (block (result (ref func)) (local.get 0))))", true),
      (
        "(func (param (ref func)) (drop (block (result funcref) (br 0 (local.get 0)))))", nil
      ),
      (
        "(type $t (func (param (ref func)) (result funcref))) (func (param (ref func))"
          + " (drop (if (type $t) (local.get 0) (i32.const 0) (then))))", nil
      ),
      (
        "(type $t (func (param funcref) (result (ref func)))) (func (param funcref)"
          + " (drop (if (type $t) (local.get 0) (i32.const 0) (then))))", true
      ),
      (
        "(func (param (ref func)) (drop (select (result funcref) (local.get 0) (local.get 0) (i32.const 0))))",
        nil
      ),
      ("(func (param (ref func)) (drop (select (local.get 0) (local.get 0) (i32.const 0))))", true),
      ("(func (param (ref 0)) (drop (ref.is_null (local.get 0)))) (type (func))", nil),
      // Tables and segments.
      ("(type (func)) (table 1 (ref null 0)) (func (call_indirect (type 0) (i32.const 0)))", nil),
      ("(table 1 externref) (func (call_indirect (i32.const 0)))", true),
      (
        "(type (func)) (table $a 1 funcref) (table $b 1 (ref null 0)) (func (table.copy $a $b (i32.const 0) (i32.const 0) (i32.const 0)))",
        nil
      ),
      (
        "(type (func)) (table $a 1 funcref) (table $b 1 (ref null 0)) (func (table.copy $b $a (i32.const 0) (i32.const 0) (i32.const 0)))",
        true
      ),
      (
        "(type (func)) (table 1 (ref null 0)) (func $f) (elem (i32.const 0) (ref null 0) (ref.func $f))",
        nil
      ),
      (
        "(type (func (param i32))) (table 1 (ref null 0)) (func $f) (elem (i32.const 0) (ref null 0) (ref.func $f))",
        true
      ),
      ("(type (func)) (table 1 (ref null 0)) (func $f) (elem (i32.const 0) func $f)", true),
      ("(table 1 funcref) (func $f) (elem (i32.const 0) func $f)", nil),
      ("(table 1 funcref) (elem (i32.const 0) nullfuncref (ref.null nofunc))", nil),
      ("(table 1 (ref func))", true),
    ] as [(String, Bool?)])
  func validation(_ fields: String, _ isInvalid: Bool?) throws {
    let bytes = try assemble("(module \(fields))", features: features3)
    let error = refusal3(of: bytes)
    #expect(error?.message == (isInvalid == nil ? nil : "type mismatch"), "\(fields)")
  }
}
