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
  /// A number as `--invoke` takes it: decimal or 0x…; floats as Swift reads them.
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
    case .v128, .reference: return nil
    }
  }

  /// As `--invoke` prints it.
  var text: String {
    switch self {
    case .i32(let value): "\(value)"
    case .i64(let value): "\(value)"
    case .f32(let bits): "\(Float(bitPattern: bits))"
    case .f64(let bits): "\(Double(bitPattern: bits))"
    default: "\(self)"
    }
  }
}
