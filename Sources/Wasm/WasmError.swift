/// Why a module was refused.
public struct WasmError: Error, Sendable, Equatable {
  /// Why a module is refused.
  public enum Kind: Sendable, Equatable {
    /// The bytes do not follow the binary format (spec 5).
    case malformed
    /// They do, but the module breaks a validation rule (spec 3).
    case invalid
    /// The module needs a feature that is not in ``FeatureSet/valid``.
    case unsupported(Feature)
    /// The module exceeds one of ``ImplementationLimits``.
    case limit
  }

  /// Why the module is refused.
  public var kind: Kind
  /// Bytes from the start of the module, never beyond its end.
  public var offset: Int
  /// In the words of the specification's test suite, where it has some.
  public var message: String

  /// A refusal at a byte of the module.
  public init(_ kind: Kind, offset: Int, _ message: String) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }

  static func malformed(_ message: String, at offset: Int) -> WasmError {
    WasmError(.malformed, offset: offset, message)
  }

  static func invalid(_ message: String, at offset: Int) -> WasmError {
    WasmError(.invalid, offset: offset, message)
  }

  static func limit(_ message: String, at offset: Int) -> WasmError {
    WasmError(.limit, offset: offset, message)
  }

  static func unsupported(_ feature: Feature, _ what: String, at offset: Int) -> WasmError {
    WasmError(
      .unsupported(feature), offset: offset,
      "\(what) needs \(feature.rawValue), which is not supported")
  }
}

extension WasmError: CustomStringConvertible {
  public var description: String {
    let prefix =
      switch kind {
      case .malformed: "malformed module"
      case .invalid: "invalid module"
      case .unsupported: "unsupported module"
      case .limit: "module too large"
      }
    return "\(prefix): at byte \(offset): \(message)"
  }
}
