/// A function for which an artefact has no optimized code, and the reason. Its row in the function table refers to its baseline
/// code. If the artefact does not contain that either, the row refers to a jump through the context's entry: baseline code is
/// then compiled when the function is first called.
public struct BaselineFunction: Sendable, Hashable {
  /// Index in the module's function index space.
  public var function: UInt32
  /// The reason.
  public var reason: BaselineReason

  /// Records a function and the reason.
  public init(function: UInt32, reason: BaselineReason) {
    self.function = function
    self.reason = reason
  }
}

/// Why a function falls back to baseline code; shown by `compile` and `inspect`.
public struct BaselineReason: Sendable, Hashable, CustomStringConvertible {
  /// Kinds of reasons.
  public enum Kind: UInt32, Sendable, CaseIterable {
    /// The function, or a body inlined into it, uses a feature that the compiler does not translate.
    case notTranslatable = 0
    /// LLVM rejected it or crashed.
    case codeGeneratorFailed
    /// It exceeded the limit of processor time.
    case timeLimit
    case memoryLimit
    /// It exceeds a limit beyond which LLVM's time would be out of proportion.
    case tooLarge
    /// It hardly runs, so that optimized code is not worth its cost. Has no detail. Reports count such functions and do not list
    /// them.
    case cold
  }

  /// The kind of reason; ``detail`` has the details.
  public var kind: Kind
  /// The unsupported feature, LLVM's failure, or the limit with its unit. Contains printable characters only, see
  /// ``init(_:_:)``.
  public let detail: String

  /// Bytes of UTF-8.
  public static let maximumDetailLength = 240

  /// - Parameter detail: shortened to a single line that fits into tables.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    var text = String.UnicodeScalarView()
    var length = 0
    for scalar in detail.unicodeScalars {
      let scalar = scalar.isControl ? " " : scalar
      length += UTF8.width(scalar)
      guard length <= Self.maximumDetailLength else { break }
      text.append(scalar)
    }
    self.detail = String(text)
  }

  public var description: String {
    switch kind {
    case .notTranslatable: "\(detail) is not translated"
    case .codeGeneratorFailed: "LLVM failed: \(detail)"
    case .timeLimit: "LLVM exceeded \(detail) of processor time"
    case .memoryLimit: "LLVM exceeded \(detail) of memory"
    case .tooLarge: "too large for LLVM: \(detail)"
    case .cold: "it is cold"
    }
  }

  /// It hardly runs.
  public static let cold = BaselineReason(.cold, "")
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}

// MARK: In a file

extension BaselineReason {
  /// Encodes the reason.
  public func encode(to writer: inout ArtefactWriter) {
    writer.integer(kind.rawValue)
    if kind != .cold { writer.string(detail) }
  }

  /// Decodes a reason. Checks its text.
  public init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    guard let kind = Kind(rawValue: try reader.integer()) else {
      throw reader.error("not a reason for baseline code")
    }
    let detail = kind == .cold ? "" : try reader.string()
    self.init(kind, detail)
    // The text must be printable in messages as it is.
    guard self.detail == detail else {
      throw reader.error("reason for baseline code is too long, or has control characters")
    }
  }
}

extension [BaselineFunction] {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(count))
    for row in self {
      writer.integer(row.function)
      row.reason.encode(to: &writer)
    }
  }

  /// Rows must be ascending by function.
  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    self = []
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      let row = BaselineFunction(
        function: try reader.integer(), reason: try BaselineReason(decoding: &reader))
      guard last.map({ $0.function < row.function }) ?? true else {
        throw reader.error("baseline functions are not in order")
      }
      append(row)
    }
  }
}
