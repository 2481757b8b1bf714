import Wasm

/// What debuggers and profilers call a module's machine code: symbols of artefacts, and names of code made at run time. Nothing else relies on them.
///
///     sum            optimized code without deopts
///     sum.spec       with deopts
///     sum.generic    without deopts, besides one that has them
///     sum.osr113     entered at the loop at byte 113 of the module
///     sum.base       baseline code
///     sum.stub       a jump to the code that the function has at the moment
///
/// Names come from the module, which may be hostile: what drives a terminal or reverses text is escaped, long names are cut off, and no two
/// functions have the same: where names alone would not tell them apart, the index follows, as in `sum.f7`. A function without a name is `f7`.
public struct CodeNames: Sendable {
  /// A piece of machine code of a function.
  public enum Code: Hashable, Sendable {
    case optimized
    case speculative
    case generic
    /// Byte offset of the `loop` in the module.
    case loop(byteOffset: Int)
    case baseline
    case stub

    fileprivate var suffix: String {
      switch self {
      case .optimized: ""
      case .speculative: ".spec"
      case .generic: ".generic"
      case .loop(let byteOffset): ".osr\(byteOffset)"
      case .baseline: ".base"
      case .stub: ".stub"
      }
    }
  }

  /// Bytes of UTF-8 that a module's name may have.
  public static let maximumLength = 1000

  /// By function.
  private let names: [String]

  /// - Parameter replaced: other names than the module's, by function.
  public init(_ module: Module, replaced: [Int: String] = [:]) {
    let plain = module.functions.indices.map { function in
      let name = replaced[function] ?? module.functionName(function) ?? ""
      return name.isEmpty ? "f\(function)" : Self.printable(name)
    }
    var counts: [String: Int] = [:]
    for name in plain { counts[name, default: 0] += 1 }
    // No name that stays as it is ends like one that is extended, here or by a suffix; so all are different.
    names = plain.enumerated().map { function, name in
      counts[name] == 1 && !Self.endsLikeOurs(name) ? name : "\(name).f\(function)"
    }
  }

  /// The name of a function's code. Different for each pair of arguments.
  public func name(_ function: Int, _ code: Code) -> String { names[function] + code.suffix }

  /// The function's own name.
  public func name(_ function: Int) -> String { names[function] }

  /// A name that is safe to print and has neither line breaks nor zeros. Different names can become the same.
  public static func printable(_ name: String) -> String {
    var text = String.UnicodeScalarView()
    var length = 0
    for scalar in name.unicodeScalars {
      let shown = isHarmless(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
      length += shown.utf8.count
      guard length <= maximumLength else { break }
      text += shown.unicodeScalars
    }
    return String(text)
  }

  /// Neither a control character nor one that is invisible, breaks lines, changes the direction, or is for private use. Unicode's tables would
  /// say it, too, but a server would have to carry them.
  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
      0x2060...0x206F, 0xE000...0xF8FF, 0xFEFF, 0xFFF0...0xFFFB, 0xE0000...0x10FFFF:
      false
    default: true
    }
  }

  private static func endsLikeOurs(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let end = name[dot...]
    if ["spec", "generic", "base", "stub"].contains(end.dropFirst()) { return true }
    return [".f", ".osr"].contains {
      end.hasPrefix($0) && end.utf8.count > $0.utf8.count
        && end.utf8.dropFirst($0.utf8.count).allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}
