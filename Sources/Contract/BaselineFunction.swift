/// A function that an artefact has no machine code of its own for, and why: its code is the baseline's, made when it is first
/// called. What the row in the function table then names is a jump through the context's entry, so that code which calls
/// the function by its symbol need not know.
public struct BaselineFunction: Sendable, Hashable {
  /// Index in the module's function index space.
  public var function: UInt32
  /// Why.
  public var reason: BaselineReason

  /// A function and the reason.
  public init(function: UInt32, reason: BaselineReason) {
    self.function = function
    self.reason = reason
  }
}

/// Why the compiler left a function to the baseline; shown by `compile` and `inspect`.
public struct BaselineReason: Sendable, Hashable, CustomStringConvertible {
  /// Kinds of reasons.
  public enum Kind: UInt32, Sendable, CaseIterable {
    /// It, or a body inlined into it, uses what is not translated.
    case notTranslatable = 0
    /// LLVM refused it, or crashed.
    case codeGeneratorFailed
    /// Of processor time.
    case timeLimit
    case memoryLimit
  }

  /// The kind; the text has the details.
  public var kind: Kind
  /// What is not translated, how LLVM failed, or the limit with its unit. Of printable characters, see ``init(_:_:)``.
  public let detail: String

  /// In UTF-8.
  public static let maximumDetailLength = 240

  /// - Parameter detail: cut to one line of a length that tables take.
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
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}

// MARK: In a file

extension BaselineReason {
  /// Writes the row.
  public func encode(to writer: inout ArtefactWriter) {
    writer.integer(kind.rawValue)
    writer.string(detail)
  }

  /// Reads a row, with limits on its text.
  public init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    guard let kind = Kind(rawValue: try reader.integer()) else {
      throw reader.error("not a reason for baseline code")
    }
    let detail = try reader.string()
    self.init(kind, detail)
    // It goes into messages as it is.
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

  /// Ascending by function.
  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    self = []
    for _ in 0..<(try reader.count(minimumSize: 12)) {
      let row = BaselineFunction(
        function: try reader.integer(), reason: try BaselineReason(decoding: &reader))
      guard last.map({ $0.function < row.function }) ?? true else {
        throw reader.error("baseline functions are not in order")
      }
      append(row)
    }
  }
}
