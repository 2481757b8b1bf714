/// An import that is missing or does not match (spec 4.5.3.1, 4.5.4).
public struct LinkError: Error, Equatable, CustomStringConvertible {
  /// Begins with the wording of the specification's test suite: `unknown import` or `incompatible import type`.
  public let message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}

/// Something the host asked for cannot be had: address space, a limit, a stack.
public struct ResourceError: Error, Equatable, CustomStringConvertible {
  public let message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}

/// The host used the API against its types: wrong arguments, an immutable global, an index beyond a table.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  public let message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}
