/// A module of random float expressions, for ``FloatCase``.
///
/// Functions leave the results in memory. Some evaluate their expressions for one input, which they get the place of, others in a loop over
/// all of them, which LLVM may unroll and vectorize. What the specification leaves open is not compared: of a NaN that arithmetic made, the
/// sign and the payload. That it is quiet is; and that it is canonical, where all NaNs that go in are.
///
/// The same seed is the same module.
struct FloatProgram: Sendable {
  /// Inputs: so many of each type.
  static let inputCount = 24
  /// Of them, those whose NaNs are all canonical.
  static let canonicalCount = 12

  let seed: UInt64
  let text: String
  let results: [Result]

  /// What an expression leaves in memory.
  struct Result {
    var kind: FloatKind
    /// Whether arithmetic may have made it, so that of a NaN only some bits count.
    var isOpen: Bool
    /// Whether other NaNs than canonical ones go in by constants.
    var hasOtherNaNs: Bool
  }

  /// - Parameters:
  ///   - functions: how many; each has one to six expressions.
  ///   - isMasked: for other engines: the module itself takes away what is not to be compared, and one export, `run`, does all.
  init(seed: UInt64, functions: Int = 40, isMasked: Bool = false) {
    self.seed = seed
    var generator = FloatGenerator(seed: seed, isMasked: isMasked)
    text = generator.module(functions: functions)
    results = generator.results
  }
}

/// Where things are in a ``FloatProgram``'s memory.
enum FloatLayout {
  static let doubles = ["$p", "$q"], floats = ["$a", "$b"], ints = ["$i"], longs = ["$j"]
  /// Of an array with all inputs for a variable.
  static let array = 8 * FloatProgram.inputCount
  /// To store and load again; the arrays follow.
  static let scratch = 8
  static let arrays = 64
  static let results = 64 * 32

  static let variables: [(name: String, kind: FloatKind)] =
    doubles.map { ($0, .f64) } + floats.map { ($0, .f32) } + ints.map { ($0, .i32) }
    + longs.map { ($0, .i64) }

  static func place(ofVariable number: Int) -> Int { arrays + number * array }
}

enum FloatKind: String, CaseIterable {
  case f32, f64, i32, i64

  var isFloat: Bool { self == .f32 || self == .f64 }
  /// Of the same size.
  var integer: FloatKind { self == .f32 ? .i32 : self == .f64 ? .i64 : self }
  var size: Int { self == .f32 || self == .i32 ? 4 : 8 }
}

// MARK: Results

extension FloatProgram {
  /// The first results that differ between two memories; nil if none does.
  func difference(_ expected: [UInt8], _ found: [UInt8]) -> String? {
    guard expected != found else { return nil }
    var lines: [String] = []
    var count = 0
    for (number, result) in results.enumerated() {
      for input in 0..<Self.inputCount {
        let place = FloatLayout.results + number * FloatLayout.array + 8 * input
        let (here, there) = (Self.word(expected, place), Self.word(found, place))
        guard here != there, !result.agree(here, there, input: input) else { continue }
        count += 1
        guard count <= 3 else { continue }
        lines.append(
          "expression \(number), input \(input): 0x\(String(here, radix: 16)) on the baseline, here 0x\(String(there, radix: 16))"
        )
      }
    }
    return count == 0 ? nil : "\(count) results: " + lines.joined(separator: "; ")
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> UInt64 {
    bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension FloatProgram.Result {
  /// Whether two numbers are the same but for what is open.
  fileprivate func agree(_ a: UInt64, _ b: UInt64, input: Int) -> Bool {
    guard isOpen else { return false }
    let isDouble = kind == .f64
    let infinity: UInt64 = isDouble ? 0x7FF0_0000_0000_0000 : 0x7F80_0000
    let quiet: UInt64 = isDouble ? 0x0008_0000_0000_0000 : 0x0040_0000
    let magnitude: UInt64 = isDouble ? .max >> 1 : .max >> 33
    guard a & magnitude > infinity, b & magnitude > infinity else { return false }
    let isCanonical = !hasOtherNaNs && input < FloatProgram.canonicalCount
    let mask = isCanonical ? magnitude : quiet
    return a & mask == b & mask
  }
}
