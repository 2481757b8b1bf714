import AOT
import Feedback
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

/// What LLVM may fold with floats and WebAssembly does not (Sources/AOT/FloatFolds.swift). Every function takes a float's bits and
/// returns bits, so that all of them count.
@Suite struct FloatFoldTests {
  enum Width: String, CaseIterable {
    case f32, f64

    var integer: String { self == .f32 ? "i32" : "i64" }
    var quietBit: UInt64 { self == .f32 ? 1 << 22 : 1 << 51 }

    /// Signalling and quiet NaNs of both signs, infinities, zeros, ones, a subnormal, numbers.
    var inputs: [UInt64] {
      switch self {
      case .f32:
        [
          0x7FA0_0000, 0xFFA1_2345, 0x7F80_0001, 0x7FC0_0000, 0xFFC0_0001, 0x7F80_0000, 0xFF80_0000,
          0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 1, 0x8000_0001, 0x4048_0000, 0xC048_0000,
        ]
      case .f64:
        [
          0x7FF4 << 48, 0xFFF1 << 48 | 5, 0x7FF0 << 48 | 1, 0x7FF8 << 48, 0xFFF8 << 48 | 1,
          0x7FF0 << 48, 0xFFF0 << 48, 0, 1 << 63, 0x3FF0 << 48, 0xBFF0 << 48, 1, 1 << 63 | 1,
          0x4009 << 48, 0xC009 << 48,
        ]
      }
    }

    func isSignalling(_ bits: UInt64) -> Bool {
      self == .f32
        ? Float(bitPattern: UInt32(bits)).isSignalingNaN : Double(bitPattern: bits).isSignalingNaN
    }

    func value(_ bits: UInt64) -> Value {
      self == .f32
        ? .i32(Int32(truncatingIfNeeded: bits)) : .i64(Int64(bitPattern: bits))
    }

    /// A function of `$x`, which may use `$c` and `$t`.
    func function(_ name: String, _ body: String, export: Bool = true) -> String {
      """
      (func \(export ? "(export \"\(name)\")" : "") (param \(integer)) (result \(integer))
        (local $x \(self)) (local $c \(self)) (local $t \(self))
        (local.set $x (\(self).reinterpret_\(integer) (local.get 0)))
        (\(integer).reinterpret_\(self) \(body)))
      """
    }
  }

  struct Setting: CustomTestStringConvertible, Sendable {
    var width: Width
    var level: Int
    var hasProfile: Bool
    var testDescription: String { "\(width) -O\(level)\(hasProfile ? " with a profile" : "")" }

    static let all = Width.allCases.flatMap { width in
      (0...3).flatMap { level in
        [false, true].map { Setting(width: width, level: level, hasProfile: $0) }
      }
    }
  }

  /// What each function gives for each input: on the baseline, and compiled.
  func run(
    _ text: String, _ names: [String], _ setting: Setting
  ) throws -> (baseline: [DeoptCase.Outcome], compiled: [DeoptCase.Outcome]) {
    let module = try Module(validating: assemble(text))
    let calls: [DeoptComparison.Call] = names.flatMap { name in
      setting.width.inputs.map { (name, [setting.width.value($0)]) }
    }
    let baseline = try DeoptComparison.run(CompiledModule(recorder: Recorder(module)), calls)
    var profile = ModuleProfile()
    if setting.hasProfile, let recorded = try baseline.instance.recordedProfile {
      profile = recorded.match(module)
    }
    var options = CompilerOptions()
    options.usesProcesses = false
    options.isVerifying = true
    let bytes = try Compiler.compile(
      module,
      plan: Planner.plan(module: module, profile: profile, options: .thorough)
        .inTiers(level: setting.level), profile: profile, options: options)
    let compiled = try DeoptComparison.run(
      CompiledModule(artefact: Artefact(bytes: bytes)), calls)
    return (baseline.outcomes, compiled.outcomes)
  }

  // MARK: Signalling NaNs

  /// Operations of `$x` and a constant that leave numbers as they are, or but for the sign.
  private static func neutralOperations(_ width: Width) -> [(
    name: String, constant: String, body: String
  )] {
    let right = [
      ("mul", "1"), ("mul", "-1"), ("div", "1"), ("div", "-1"), ("add", "-0"), ("add", "0"),
      ("sub", "0"), ("sub", "-0"), ("min", "inf"), ("max", "-inf"), ("min", "0"), ("max", "1"),
    ]
    let left = [("sub", "-0"), ("sub", "0"), ("add", "-0"), ("mul", "1"), ("max", "-inf")]
    return right.map { ($0.0 + $0.1, $0.1, "(\(width).\($0.0) (local.get $x) (local.get $c))") }
      + left.map {
        ("\($0.0)\($0.1)left", $0.1, "(\(width).\($0.0) (local.get $c) (local.get $x))")
      }
  }

  /// Ways by which a constant becomes known.
  private static func ways(_ width: Width, _ constant: String, _ number: Int) -> [(String, String)]
  {
    let literal = "(\(width).const \(constant))"
    let other = "(\(width).const 3)"
    let opposite =
      "(\(width).const \(constant.hasPrefix("-") ? String(constant.dropFirst()) : "-" + constant))"
    return [
      ("local", literal),
      ("global", "(global.get \(number))"),
      ("call", "(call $same\(width) \(literal))"),
      ("select", "(select \(literal) \(literal) (i32.eqz (global.get $zero)))"),
      ("branch", "(if (result \(width)) (global.get $zero) (then \(other)) (else \(literal)))"),
      (
        "stored",
        "(block (result \(width)) (\(width).store (i32.const 8) \(literal)) (\(width).load (i32.const 8)))"
      ),
      (
        "integer",
        "(block (result \(width)) (\(width.integer).store (i32.const 8) (\(width.integer).reinterpret_\(width) \(literal))) (\(width).load (i32.const 8)))"
      ),
      (
        "unfolded",
        "(block (result \(width)) (local.set $t \(literal)) (\(width).mul (\(width).ceil (local.get $t)) (\(width).const 1)))"
      ),
      (
        "negated",
        "(block (result \(width)) (local.set $t \(opposite)) (\(width).neg (local.get $t)))"
      ),
      (
        "bits",
        "(\(width).copysign (\(width).abs (\(width).copysign \(literal) (local.get $x))) \(literal))"
      ),
      ("computed", "(\(width).sub (\(width).add \(literal) \(other)) \(other))"),
      (
        "loop",
        "(block (result \(width)) (local.set $t \(literal)) (loop (br_if 0 (i32.and (global.get $zero) (\(width).eq (local.tee $t (\(width).mul (local.get $t) \(other))) \(other))))) (\(width).div (local.get $t) \(other)))"
      ),
    ]
  }

  /// A program, and its exports.
  static func arithmetic(_ width: Width) -> (text: String, names: [String]) {
    var functions: [String] = []
    var names: [String] = []
    var globals = ["(global $zero (mut i32) (i32.const 0))"]
    for operation in Self.neutralOperations(width) {
      for (way, constant) in Self.ways(width, operation.constant, globals.count) {
        names.append("\(operation.name) \(way)")
        functions.append(
          width.function(
            names[names.count - 1],
            "(block (result \(width)) (local.set $c \(constant)) \(operation.body))"))
      }
      globals.append("(global \(width) (\(width).const \(operation.constant)))")
    }
    for (name, body) in [
      ("same", "(\(width).min (local.get $x) (local.get $x))"),
      ("floor", "(\(width).floor (local.get $x))"),
      ("sqrt", "(\(width).sqrt (local.get $x))"),
      (
        "negated twice",
        "(\(width).sub (\(width).const -0) (\(width).sub (\(width).const -0) (local.get $x)))"
      ),
      ("negated first", "(\(width).mul (\(width).neg (local.get $x)) (\(width).const -1))"),
      ("magnitude", "(\(width).add (\(width).abs (local.get $x)) (\(width).const 0))"),
      (
        "times a magnitude of known bits",
        "(\(width).mul (local.get $x) (\(width).abs (\(width).copysign (\(width).const 1) (local.get $x))))"
      ),
      (
        "minus a difference of loads",
        """
        (block (result \(width)) (\(width).store (i32.const 8) (\(width).const 0x1p-127))
          (\(width).sub (local.get $x) (\(width).sub (\(width).load (i32.const 8)) (\(width).load (i32.const 8)))))
        """
      ),
      (
        "magnitude, loaded",
        """
        (block (result \(width)) (\(width).store (i32.const 8) (\(width).abs (local.get $x)))
          (\(width).sub (\(width).load (i32.const 8)) (\(width).const -0)))
        """
      ),
      (
        "bits, loaded",
        """
        (block (result \(width))
          (\(width.integer).store (i32.const 8)
            (\(width.integer).shr_u (\(width.integer).shl (\(width.integer).reinterpret_\(width) (local.get $x)) (\(width.integer).const 1)) (\(width.integer).const 1)))
          (\(width).sub (\(width).load (i32.const 8)) (\(width).const -0)))
        """
      ),
      (
        "0 minus a negative",
        "(\(width).sub (\(width).const 0) (\(width).copysign (local.get $x) (\(width).const -1)))"
      ),
    ] {
      names.append(name)
      functions.append(width.function(name, body))
    }
    if width == .f32 {
      for (name, body) in Self.roundTrips {
        names.append(name)
        functions.append(width.function(name, body))
      }
    }
    let text = """
      (module (memory 1) \(globals.joined(separator: "\n"))
        (func $same\(width) (param \(width)) (result \(width)) (local.get 0))
        \(functions.joined(separator: "\n")))
      """
    return (text, names)
  }

  @Test(arguments: Setting.all) func arithmeticIsQuiet(setting: Setting) throws {
    let width = setting.width
    let (text, names) = Self.arithmetic(width)
    let outcomes = try run(text, names, setting)
    check(outcomes, names, setting, allowsOpenNaNs: true)
    for (number, outcome) in outcomes.compiled.enumerated() {
      let input = width.inputs[number % width.inputs.count]
      guard width.isSignalling(input) else { continue }
      #expect(
        isQuiet(outcome, width),
        "\(names[number / width.inputs.count]) of \(String(input, radix: 16))")
    }
  }

  /// From f32 to f64 and back.
  private static let roundTrips = [
    ("there and back", "(f32.demote_f64 (f64.promote_f32 (local.get $x)))"),
    ("negated between", "(f32.demote_f64 (f64.neg (f64.promote_f32 (local.get $x))))"),
    ("absolute between", "(f32.demote_f64 (f64.abs (f64.promote_f32 (local.get $x))))"),
    (
      "signed between",
      "(f32.demote_f64 (f64.copysign (f64.promote_f32 (local.get $x)) (f64.const -1)))"
    ),
    (
      "times 1 between", "(f32.demote_f64 (f64.mul (f64.promote_f32 (local.get $x)) (f64.const 1)))"
    ),
    (
      "chosen between",
      "(f32.demote_f64 (select (f64.promote_f32 (local.get $x)) (f64.const 3) (i32.eqz (global.get $zero))))"
    ),
    (
      "branch between",
      "(f32.demote_f64 (if (result f64) (global.get $zero) (then (f64.const 3)) (else (f64.promote_f32 (local.get $x)))))"
    ),
  ]

  private func isQuiet(_ outcome: DeoptCase.Outcome, _ width: Width) -> Bool {
    guard case .returned(let values) = outcome else { return false }
    return switch values.first {
    case .i32(let bits)?: UInt64(UInt32(bitPattern: bits)) & width.quietBit != 0
    case .i64(let bits)?: UInt64(bitPattern: bits) & width.quietBit != 0
    default: false
    }
  }

  /// - Parameter allowsOpenNaNs: whether NaNs' signs and payloads may differ, as they may where there is arithmetic.
  private func check(
    _ outcomes: (baseline: [DeoptCase.Outcome], compiled: [DeoptCase.Outcome]), _ names: [String],
    _ setting: Setting, allowsOpenNaNs: Bool
  ) {
    let count = setting.width.inputs.count
    for (number, pair) in zip(outcomes.baseline, outcomes.compiled).enumerated() {
      guard pair.0 != pair.1 else { continue }
      let areOpen = isQuietNaN(pair.0, setting.width) && isQuietNaN(pair.1, setting.width)
      if areOpen && allowsOpenNaNs { continue }
      let input = String(setting.width.inputs[number % count], radix: 16)
      Issue.record("\(names[number / count]) of \(input): baseline \(pair.0), compiled \(pair.1)")
    }
  }

  private func isQuietNaN(_ outcome: DeoptCase.Outcome, _ width: Width) -> Bool {
    guard case .returned(let values) = outcome else { return false }
    return switch values.first {
    case .i32(let bits)?:
      Float(bitPattern: UInt32(bitPattern: bits)).isNaN && isQuiet(outcome, width)
    case .i64(let bits)?:
      Double(bitPattern: UInt64(bitPattern: bits)).isNaN && isQuiet(outcome, width)
    default: false
    }
  }

  // MARK: Zeros and NaNs that are chosen

  /// Selects and branches by comparing with a zero, between a zero and what the compared number becomes.
  @Test(arguments: Setting.all.filter { !$0.hasProfile && $0.level != 2 })
  func choicesByZero(setting: Setting) throws {
    let width = setting.width
    let other: Width = width == .f32 ? .f64 : .f32
    let convert = width == .f32 ? "f64.promote_f32" : "f32.demote_f64"
    let values = [
      "same": "(local.get $x)", "negated": "(\(width).neg (local.get $x))",
      "subtracted": "(\(width).sub (\(width).const 0) (local.get $x))",
      "converted": "(\(convert) (local.get $x))",
    ].sorted { $0.key < $1.key }
    var names: [String] = []
    var functions: [String] = []
    for comparison in ["lt", "le", "gt", "ge", "eq", "ne"] {
      for isNegated in [false, true] {
        for zero in ["0", "-0"] {
          for (name, value) in values {
            for swapped in [false, true] {
              let type = name == "converted" ? other : width
              // Of `0 - x` the fault is beside x itself.
              let constants =
                name == "subtracted" || name == "negated"
                ? ["(local.get $x)"] : ["(\(type).const 0)", "(\(type).const -0)"]
              for constant in constants {
                let compare = "(\(width).\(comparison) (local.get $x) (\(width).const \(zero)))"
                let condition = isNegated ? "(i32.eqz \(compare))" : compare
                let arms = swapped ? [value, constant] : [constant, value]
                let chosen = [
                  "select": "(select \(arms[0]) \(arms[1]) \(condition))",
                  "if": "(if (result \(type)) \(condition) (then \(arms[0])) (else \(arms[1])))",
                ]
                for (kind, text) in chosen.sorted(by: { $0.key < $1.key }) {
                  names.append("\(kind) \(condition) \(arms[0]) \(arms[1])")
                  functions.append(
                    """
                    (func (export "\(names.count)") (param \(width.integer)) (result \(type.integer))
                      (local $x \(width))
                      (local.set $x (\(width).reinterpret_\(width.integer) (local.get 0)))
                      (\(type.integer).reinterpret_\(type) \(text)))
                    """)
                }
              }
            }
          }
        }
      }
    }
    let outcomes = try run(
      "(module \(functions.joined(separator: "\n")))", names.indices.map { "\($0 + 1)" }, setting)
    check(outcomes, names, setting, allowsOpenNaNs: false)
  }
}
