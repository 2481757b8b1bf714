/// A name of an import or export as WebAssembly compares them: code point by code point. (Swift's `String` takes
/// composed and decomposed characters for equal.)
public struct ExactName: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let string: String

  /// A name that compares by its code points.
  public init(_ string: String) { self.string = string }

  public static func == (a: ExactName, b: ExactName) -> Bool {
    a.string.utf8.elementsEqual(b.string.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }

  public var description: String { string }
}
