import CommandLineSupport
import Files
import Runtime
import WASI
import Wasm

/// The call of an export that a command line asks for, checked before anything of the guest runs.
struct Invocation {
  private let name: String
  private let arguments: [Value]
  /// Whether a name was given.
  let isNamed: Bool

  /// - Parameters:
  ///   - name: of an export, with arguments for it; nil: `_start`.
  ///   - path: of the module, for errors.
  init(
    _ name: HostString?, _ arguments: [HostString], of module: Module, at path: HostString
  ) throws(Diagnostic) {
    isNamed = name != nil
    guard let name else {
      guard module.type(exported: "_start") == FunctionType([], []) else {
        throw Diagnostic(
          "the module is not a command: it does not export a function _start", at: "\(path)",
          help: "name an export with --invoke", status: .badInput)
      }
      self.name = "_start"
      self.arguments = []
      return
    }
    guard let text = name.text, let type = module.type(exported: text) else {
      let names = module.exports.filter { $0.kind == .function }.map(\.name)
      throw Diagnostic(
        "the module does not export a function '\(name)'", at: "\(path)",
        help: "it exports \(names.prefix(20).joined(separator: ", "))", status: .usage)
    }
    guard type.parameters.count == arguments.count else {
      throw Diagnostic(
        "'\(name)' takes \(type.parameters.count) arguments, not \(arguments.count)",
        at: "\(path)", help: "its type is \(type)", status: .usage)
    }
    var values: [Value] = []
    for (parameter, argument) in zip(type.parameters, arguments) {
      guard let value = argument.text.flatMap({ Value(parsing: $0, as: parameter) }) else {
        throw Diagnostic(
          "'\(argument)' is not a valid \(parameter)", at: "\(path)",
          help: "the type of '\(name)' is \(type)", status: .usage)
      }
      values.append(value)
    }
    self.name = text
    self.arguments = values
  }

  /// Calls it, in a reactor after its initialization.
  func call(in instance: Instance) throws -> [Value] {
    if name != "_initialize" { try WASI.initialize(instance) }
    // The module exports it: see above.
    return try instance.exportedFunction(name)?.call(arguments) ?? []
  }
}

extension Module {
  fileprivate func type(exported name: String) -> FunctionType? {
    let name = ExactName(name)
    guard let export = exports.first(where: { $0.kind == .function && ExactName($0.name) == name })
    else { return nil }
    return type(ofFunction: export.index)
  }
}

extension Value {
  /// A number as `--invoke` takes it: decimal or 0x…; floats as Swift reads them; vectors as ``V128/init(parsing:)`` does.
  init?(parsing text: String, as type: ValueType) {
    func integer() -> UInt64? {
      let isNegative = text.hasPrefix("-")
      let digits = isNegative ? text.dropFirst() : text[...]
      let isHex = digits.hasPrefix("0x")
      guard let size = UInt64(isHex ? digits.dropFirst(2) : digits, radix: isHex ? 16 : 10) else {
        return nil
      }
      return isNegative ? 0 &- size : size
    }
    switch type.kind {
    case .i32:
      guard let bits = integer(),
        (Int64(Int32.min)...Int64(UInt32.max)).contains(Int64(bitPattern: bits))
      else { return nil }
      self = .i32(Int32(truncatingIfNeeded: bits))
    case .i64:
      guard let bits = integer() else { return nil }
      self = .i64(Int64(bitPattern: bits))
    case .f32:
      guard let value = Float(text) else { return nil }
      self = .f32(value)
    case .f64:
      guard let value = Double(text) else { return nil }
      self = .f64(value)
    case .v128:
      guard let vector = V128(parsing: text) else { return nil }
      self = .v128(vector)
    case .reference: return nil
    }
  }

  /// As `--invoke` prints it.
  var text: String {
    switch self {
    case .i32(let value): "\(value)"
    case .i64(let value): "\(value)"
    case .f32(let bits): "\(Float(bitPattern: bits))"
    case .f64(let bits): "\(Double(bitPattern: bits))"
    case .v128(let vector): "\(vector)"
    default: "\(self)"
    }
  }
}

extension V128 {
  /// One number of 128 bits, decimal or 0x…, or lanes as the text format writes them: `i16x8 1 2 3 4 5 6 7 8`.
  init?(parsing text: String) {
    func number(_ text: Substring) -> UInt128? {
      text.hasPrefix("0x") ? UInt128(text.dropFirst(2), radix: 16) : UInt128(text)
    }
    func integers<Lane: FixedWidthInteger & UnsignedInteger>(_ lanes: [Substring]) -> [Lane]? {
      let values = lanes.compactMap { lane -> Lane? in
        guard lane.hasPrefix("-") else { return number(lane).flatMap { Lane(exactly: $0) } }
        guard let value = number(lane.dropFirst()),
          value <= UInt128(1) << UInt128(Lane.bitWidth - 1)
        else { return nil }
        return 0 &- Lane(value)
      }
      return values.count == 128 / Lane.bitWidth && values.count == lanes.count ? values : nil
    }
    func floats<Lane: LosslessStringConvertible>(_ lanes: [Substring], count: Int) -> [Lane]? {
      let values = lanes.compactMap { Lane(String($0)) }
      return values.count == count && lanes.count == count ? values : nil
    }
    let words = text.split(separator: " ")
    guard let shape = words.first else { return nil }
    let lanes = Array(words.dropFirst())
    let vector: V128? =
      switch shape {
      case "i8x16": integers(lanes).map { (lanes: [UInt8]) in V128(lanes) }
      case "i16x8": integers(lanes).map { (lanes: [UInt16]) in V128(lanes) }
      case "i32x4": integers(lanes).map { (lanes: [UInt32]) in V128(lanes) }
      case "i64x2": integers(lanes).map { (lanes: [UInt64]) in V128(lanes) }
      case "f32x4": floats(lanes, count: 4).map { (lanes: [Float]) in V128(lanes) }
      case "f64x2": floats(lanes, count: 2).map { (lanes: [Double]) in V128(lanes) }
      default:
        lanes.isEmpty
          ? number(shape).map {
            V128(low: UInt64(truncatingIfNeeded: $0), high: UInt64(truncatingIfNeeded: $0 >> 64))
          } : nil
      }
    guard let vector else { return nil }
    self = vector
  }
}
