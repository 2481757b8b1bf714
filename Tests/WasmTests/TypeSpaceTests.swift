import Testing
import Wasm

/// When types are equal (specification 3.0, section 3.3, "Defined Types"): their recursion groups are.
struct TypeSpaceTests {
  static func canonical(_ text: String) throws -> [Int] {
    try types3(text).types.map(\.canonicalIndex)
  }

  @Test func functionsWithoutReferences() throws {
    #expect(
      try Self.canonical(
        "(type (func)) (type (func (param i32))) (type (func)) (type (func (result i32)))")
        == [0, 1, 0, 3])
  }

  @Test func finalityAndSupertypesCount() throws {
    #expect(
      try Self.canonical(
        """
        (type (func)) (type (sub (func))) (type (sub final (func))) (type (sub 1 (func)))
        (type (sub final 1 (func))) (type (sub (func))) (type (sub 5 (func)))
        """) == [0, 1, 0, 3, 4, 1, 3])
  }

  /// Types that refer to equal types are equal; by index they only look so.
  @Test func references() throws {
    #expect(
      try Self.canonical(
        """
        (type (func)) (type (func))
        (type (func (param (ref 0)))) (type (func (param (ref 1)))) (type (func (param (ref null 0))))
        (type (func (param (ref 2)))) (type (func (param (ref 3))))
        """) == [0, 0, 2, 2, 4, 5, 5])
  }

  /// A type that refers to itself equals one that refers to itself, and not one that refers to that.
  @Test func recursion() throws {
    #expect(
      try Self.canonical(
        """
        (type $a (func (param (ref $a)))) (type $b (func (param (ref $b))))
        (type $c (func (param (ref $a)))) (type $d (func (param (ref $b))))
        """) == [0, 0, 2, 2])
  }

  @Test func groups() throws {
    // The same two types alone, in one group, in the other order, with a third.
    #expect(
      try Self.canonical(
        """
        (type (func)) (type (struct))
        (rec (type (func)) (type (struct)))
        (rec (type (struct)) (type (func)))
        (rec (type (func)) (type (struct)))
        (rec (type (func)) (type (struct)) (type (func)))
        (rec (type (func)))
        """) == [0, 1, 2, 3, 4, 5, 2, 3, 8, 9, 10, 0])
    // Rolled up, but not unrolled: iso-recursive.
    #expect(
      try Self.canonical(
        """
        (rec (type $a (func (param (ref $b)))) (type $b (func (param (ref $a)))))
        (rec (type $c (func (param (ref $d)))) (type $d (func (param (ref $c)))))
        (type $e (func (param (ref $e))))
        (rec (type $f (func (param (ref $f)))) (type $g (func (param (ref $g)))))
        """) == [0, 1, 0, 1, 4, 5, 6])
  }

  @Test func fields() throws {
    #expect(
      try Self.canonical(
        """
        (type (struct (field i8))) (type (struct (field i16))) (type (struct (field (mut i8))))
        (type (array i8)) (type (struct (field i8))) (type (array i8)) (type (struct (field i8 i8)))
        """) == [0, 1, 2, 3, 0, 3, 6])
  }

  @Test func rows() throws {
    let types = try types3(
      "(type (func)) (rec (type (sub (array (mut i16)))) (type (sub final 1 (array (mut i16)))))"
    ).types
    #expect(types.map(\.group) == [0..<1, 1..<3, 1..<3])
    #expect(types.recursionGroups == [0..<1, 1..<3])
    #expect(types.map(\.subType.isFinal) == [true, false, true])
    #expect(types.map(\.subType.supertype) == [nil, nil, 1])
    #expect(types[2].subType.description == "sub final 1 array (mut i16)")
    #expect(types[0].subType.description == "() -> ()")
    #expect(types.isSubtype(2, of: 1) && !types.isSubtype(1, of: 2))
  }

  /// Groups of different modules are compared by what is outside.
  @Test func groupsApartFromModules() throws {
    let text = "(type (func)) (rec (type $a (func (param (ref 0) (ref $b)))) (type $b (struct)))"
    let one = try types3(text).types
    let other = try types3("(type (array i8)) \(text)").types
    func roll(_ types: TypeSpace, _ group: Range<Int>, _ identity: Int) -> RecursionGroup {
      RecursionGroup(types[group].map(\.subType), group) { _ in identity }
    }
    let (left, right) = (roll(one, 1..<3, 7), roll(other, 2..<4, 7))
    #expect(left == right && left.hashValue == right.hashValue)
    #expect(roll(other, 2..<4, 8) != left)
    #expect(left.outside == [7] && left.count == 2)
    let unrolled = left.types { 100 + $0 }
    #expect(unrolled[0].description == "((ref 7), (ref 101)) -> ()")
    #expect(unrolled[1].description == "struct ")
  }
}
