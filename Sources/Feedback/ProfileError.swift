/// Why a profile could not be read, written or used.
public struct ProfileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// Not a profile, cut off, or damaged.
    case malformed
    /// Made by another version of the format.
    case version
    /// The system failed.
    case system
    /// A pattern of names that is none.
    case name
  }

  /// What is wrong.
  public var kind: Kind
  /// Bytes from the start of the file, where the reason lies in its contents.
  public var offset: Int?
  /// For people.
  public var message: String

  /// An error, at a byte of the file if that is known.
  public init(_ kind: Kind, _ message: String, offset: Int? = nil) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }

  public var description: String { offset.map { "\(message) (at byte \($0))" } ?? message }
}
