import TestSupport
import Testing
import Wasm

/// The same as `FloatFoldTests` on vectors: the programs are the scalar ones, with their operations on all lanes.
extension FloatFoldTests {
  private static func shape(_ width: Width) -> String { width == .f32 ? "f32x4" : "f64x2" }

  private static func splat(_ width: Width, _ literal: String) -> String {
    let lanes = Array(repeating: literal, count: width == .f32 ? 4 : 2).joined(separator: " ")
    return "(v128.const \(shape(width)) \(lanes))"
  }

  /// A program whose functions take a float's bits, for all lanes, and return a vector.
  private static func vectorized(_ text: String) -> String {
    var text = text
    for width in Width.allCases {
      let (shape, integer) = (shape(width), width.integer)
      text = text.replacing(
        "(param \(integer)) (result \(integer))", with: "(param \(integer)) (result v128)"
      )
      .replacing(
        "(\(width).reinterpret_\(integer) (local.get 0))",
        with: "(\(shape).splat (\(width).reinterpret_\(integer) (local.get 0)))"
      )
      .replacing("\(integer).reinterpret_\(width)", with: "block (result v128)")
      .replacing("(\(integer).store", with: "(v128.store")
      .replacing("\(width).store", with: "v128.store").replacing("\(width).load", with: "v128.load")
      .replacing("\(integer).sh", with: "\(integer)\(width == .f32 ? "x4" : "x2").sh")
      .replacing("(\(width).copysign", with: "(call $copysign_\(width)")
      .replacing("(\(width).eq", with: "(call $eq_\(width)")
      for kind in ["local $x", "local $c", "local $t", "param", "result", "global"] {
        text = text.replacing("(\(kind) \(width)", with: "(\(kind) v128")
      }
      for literal in ["0", "-0", "1", "-1", "3", "inf", "-inf", "--inf", "0x1p-127"] {
        text = text.replacing("(\(width).const \(literal))", with: splat(width, literal))
      }
      for operation in [
        "mul", "div", "add", "sub", "min", "max", "neg", "abs", "ceil", "floor", "sqrt",
      ] {
        text = text.replacing("(\(width).\(operation) ", with: "(\(shape).\(operation) ")
      }
    }
    return text.replacing("f32.demote_f64", with: "f32x4.demote_f64x2_zero")
      .replacing("f64.promote_f32", with: "f64x2.promote_low_f32x4")
      .replacing("(i64.const 1)", with: "(i32.const 1)")
  }

  private static let helpers = Width.allCases.map { width in
    """
    (func $copysign_\(width) (param v128 v128) (result v128)
      (v128.bitselect (local.get 1) (local.get 0) \(splat(width, "-0"))))
    (func $eq_\(width) (param v128 v128) (result i32)
      (v128.any_true (\(shape(width)).eq (local.get 0) (local.get 1))))
    """
  }.joined(separator: "\n")

  /// The bits of a result's lanes.
  private func lanes(_ outcome: DeoptCase.Outcome, _ width: Width) -> [UInt64]? {
    guard case .returned(let values) = outcome, case .v128(let vector)? = values.first else {
      return nil
    }
    return width == .f32 ? vector.lanes(UInt32.self).map(UInt64.init) : vector.lanes(UInt64.self)
  }

  private func isQuietNaN(_ bits: UInt64, _ width: Width) -> Bool {
    bits & width.quietBit != 0
      && (width == .f32 ? Float(bitPattern: UInt32(bits)).isNaN : Double(bitPattern: bits).isNaN)
  }

  @Test(arguments: Setting.all) func vectorArithmeticIsQuiet(setting: Setting) throws {
    let width = setting.width
    let program = Self.arithmetic(width)
    let text = Self.vectorized(program.text).dropLast() + Self.helpers + ")"
    let outcomes = try run(String(text), program.names, setting)
    let count = width.inputs.count
    for (number, pair) in zip(outcomes.baseline, outcomes.compiled).enumerated() {
      let input = width.inputs[number % count]
      let place = "\(program.names[number / count]) of \(String(input, radix: 16))"
      let (expected, found) = (lanes(pair.0, width) ?? [], lanes(pair.1, width) ?? [])
      #expect(!found.isEmpty && expected.count == found.count, "\(place)")
      let isSame = zip(expected, found).allSatisfy {
        $0 == $1 || isQuietNaN($0, width) && isQuietNaN($1, width)
      }
      #expect(isSame, "\(place): baseline \(pair.0), compiled \(pair.1)")
      if width.isSignalling(input), let lane = found.first {
        #expect(lane & width.quietBit != 0, "\(place): \(pair.1)")
      }
    }
  }

  /// Selects of lanes by comparing with a zero.
  @Test(arguments: Setting.all.filter { !$0.hasProfile && $0.level != 2 })
  func vectorChoicesByZero(setting: Setting) throws {
    let width = setting.width
    let shape = Self.shape(width)
    let values = [
      "(local.get $x)", "(\(shape).neg (local.get $x))", "(\(shape).abs (local.get $x))",
      "(\(shape).sub \(Self.splat(width, "0")) (local.get $x))",
    ]
    var names: [String] = []
    var functions: [String] = []
    func add(_ text: String) {
      names.append(text)
      functions.append(
        """
        (func (export "\(names.count)") (param \(width.integer)) (result v128) (local $x v128)
          (local.set $x (\(shape).splat (\(width).reinterpret_\(width.integer) (local.get 0))))
          \(text))
        """)
    }
    for zero in ["0", "-0"].map({ Self.splat(width, $0) }) {
      for value in values {
        for operation in ["pmin", "pmax", "min", "max"] {
          add("(\(shape).\(operation) \(value) \(zero))")
          add("(\(shape).\(operation) \(zero) \(value))")
        }
        for comparison in ["lt", "le", "gt", "ge", "eq", "ne"] {
          let compare = "(\(shape).\(comparison) (local.get $x) \(zero))"
          for mask in [compare, "(v128.not \(compare))"] {
            for constant in ["(local.get $x)", Self.splat(width, "0"), Self.splat(width, "-0")] {
              add("(v128.bitselect \(value) \(constant) \(mask))")
              add("(v128.bitselect \(constant) \(value) \(mask))")
            }
          }
        }
      }
    }
    let outcomes = try run(
      "(module \(functions.joined(separator: "\n")))", names.indices.map { "\($0 + 1)" }, setting)
    let count = width.inputs.count
    for (number, pair) in zip(outcomes.baseline, outcomes.compiled).enumerated() {
      let (expected, found) = (lanes(pair.0, width) ?? [], lanes(pair.1, width) ?? [])
      // Only arithmetic leaves the bits of NaNs open.
      let isOpen = [".sub ", ".min ", ".max "].contains { names[number / count].contains($0) }
      let isSame = zip(expected, found).allSatisfy {
        $0 == $1 || isOpen && isQuietNaN($0, width) && isQuietNaN($1, width)
      }
      #expect(
        isSame && !found.isEmpty,
        "\(names[number / count]) of \(String(width.inputs[number % count], radix: 16)): \(pair)")
    }
  }
}
