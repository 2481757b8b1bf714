/// An import that is missing or does not match (spec 4.5.3.1, 4.5.4).
public struct LinkError: Error, Equatable, CustomStringConvertible {
  /// Begins with the wording of the specification's test suite: `unknown import` or `incompatible import type`.
  public let message: String
  public var description: String { message }

  /// An error with this message.
  public init(message: String) { self.message = message }
}

/// The system has no more address space, memory or stack; or a module needs more than ``Store/Limits`` allow.
public struct ResourceError: Error, Equatable, CustomStringConvertible {
  /// The limit of ``Store/Limits`` that was exceeded.
  public enum Limit: Sendable {
    case memoryPages
    case tableElements
    case instances
  }

  /// What is not available.
  public let message: String
  /// Nil if the system ran out of it.
  public let limit: Limit?
  public var description: String { message }

  /// An error with this message, by a limit of the store or of the system.
  public init(message: String, limit: Limit? = nil) {
    self.message = message
    self.limit = limit
  }
}

/// The host misused the API: wrong arguments, an immutable global, an index beyond a table.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  /// What was wrong.
  public let message: String
  public var description: String { message }

  /// An error with this message.
  public init(message: String) { self.message = message }
}
