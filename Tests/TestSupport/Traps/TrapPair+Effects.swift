extension TrapPair {
  /// What happens in the iteration `$i`. Each one leaves something else behind, so that one too many or too few is seen.
  var effectText: String {
    func store(_ name: String, _ shift: Int, _ value: String) -> String {
      "(\(name) (i32.add (local.get $e) (i32.shl (local.get $i) (i32.const \(shift)))) \(value))"
    }
    let next = "(i32.add (local.get $i) (i32.const 1))"
    let isFloat = variety & 1 != 0
    switch effect {
    case .store8: return store("i32.store8", 0, next)
    case .store16: return store("i32.store16", 1, next)
    case .store32:
      return isFloat
        ? store("f32.store", 2, "(f32.convert_i32_s \(next))") : store("i32.store", 2, next)
    case .store64:
      return isFloat
        ? store("f64.store", 3, "(f64.convert_i32_s \(next))")
        : store("i64.store", 3, "(i64.extend_i32_s \(next))")
    case .globalI32: return "(global.set $gi32 \(next))"
    case .globalI64: return "(global.set $gi64 (i64.extend_i32_s \(next)))"
    case .globalF32: return "(global.set $gf32 (f32.convert_i32_s \(next)))"
    case .globalF64: return "(global.set $gf64 (f64.convert_i32_s \(next)))"
    case .globalFuncref:
      return "(global.set $gfunc (table.get $few (i32.and (local.get $i) (i32.const 1))))"
    case .globalExternref:
      return """
        (global.set $gextern (select (result externref) (local.get $x) (ref.null extern)
          (i32.and (local.get $i) (i32.const 1))))
        """
    case .tableSet:
      return """
        (table.set $open (i32.and (local.get $i) (i32.const 15))
          (table.get $few (i32.and (i32.shr_u (local.get $i) (i32.const 4)) (i32.const 1))))
        """
    case .memoryGrow:
      let pages = "(i32.eq (local.get $i) (i32.const \(Self.growing)))"
      return "(drop (memory.grow\(memory) \(wide(pages))))"
    case .memoryFill: return "(memory.fill \(effectAddress) (local.get $i) (i32.const 5))"
    case .memoryCopy:
      return """
        (memory.copy \(effectAddress) (i32.add (local.get $i) (i32.const 4096)) (i32.const 7))
        """
    case .call: return "(call $count (local.get $i))"
    case .hostCall: return "(drop (call $note (local.get $i)))"
    }
  }

  private var effectAddress: String {
    "(i32.add (local.get $e) (i32.shl (local.get $i) (i32.const 2)))"
  }

  /// The iteration in which `memory.grow` adds a page.
  static let growing = 3

  /// Bytes from `$e` on that the iteration `i` changes; nil for what is no access of memory.
  var effectBytes: (step: Int, size: Int)? {
    switch effect {
    case .store8: (1, 1)
    case .store16: (2, 2)
    case .store32: (4, 4)
    case .store64: (8, 8)
    case .memoryFill: (4, 5)
    case .memoryCopy: (4, 7)
    default: nil
    }
  }

  /// What the functions of the family need: state to be changed, and what their calls lead to.
  static let environment = """
    (import "host" "note" (func $note (param i32) (result i32)))
    (type $leaf (func (param i32) (result i32)))
    (type $other (func (param i64) (result i64)))
    (memory (export "memory") 1 3)
    (memory $other 1 3) (memory $wide i64 1 3)
    (global $gi32 (mut i32) (i32.const 0)) (global $gi64 (mut i64) (i64.const 0))
    (global $gf32 (mut f32) (f32.const 0)) (global $gf64 (mut f64) (f64.const 0))
    (global $gfunc (mut funcref) (ref.null func)) (global $gextern (mut externref) (ref.null extern))
    (global $calls (mut i32) (i32.const 0))
    (table $open (export "open") 16 16 funcref)
    (table $few 5 5 funcref)
    (elem (table $few) (i32.const 0) func $usual $rare)
    (elem (table $few) (i32.const 3) func $wide)
    (func $usual (type $leaf) (i32.add (local.get 0) (i32.const 1)))
    (func $rare (type $leaf) (i32.mul (local.get 0) (i32.const 3)))
    (func $wide (type $other) (i64.add (local.get 0) (i64.const 1)))
    (func $count (param i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (i32.const 64) (local.get 0)))
    (func $deep (param i32) (result i32)
      (i32.xor (local.get 0)
        (i32.mul (i32.const 3) (call $deep (i32.add (local.get 0) (i32.const 1))))))
    """
}
