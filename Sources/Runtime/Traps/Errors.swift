/// An import that is missing or does not match (spec 4.5.3.1, 4.5.4).
public struct LinkError: Error, Equatable, CustomStringConvertible {
  /// Begins with the wording of the specification's test suite: `unknown import` or `incompatible import type`.
  public let message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}

/// Something cannot be had: address space, memory, a stack; or a module wants more than ``Store/Limits`` allow.
public struct ResourceError: Error, Equatable, CustomStringConvertible {
  /// A guest's, of ``Store/Limits``.
  public enum Limit: Sendable {
    case memoryPages
    case tableElements
  }

  public let message: String
  /// Nil: the system has no more.
  public let limit: Limit?
  public var description: String { message }

  public init(message: String, limit: Limit? = nil) {
    self.message = message
    self.limit = limit
  }
}

/// The host used the API against its types: wrong arguments, an immutable global, an index beyond a table.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  public let message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}
