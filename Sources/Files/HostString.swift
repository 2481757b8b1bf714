import Glibc

/// What the system hands over as text and does not look into: a path, an argument, a variable. Bytes without NUL, UTF-8 as a
/// rule, and kept as they are where they are not.
public struct HostString: Sendable, Hashable {
  /// As the system has them.
  public private(set) var bytes: [UInt8]

  /// A string of these bytes.
  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The text as UTF-8.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// Up to its NUL, which must be there.
  public init(cString: UnsafePointer<CChar>) {
    // In bounds: strlen found the end.
    bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
  }

  /// The text, if it is UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// Whether it has no bytes.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Calls `body` with the bytes and a NUL.
  public func withCString<R, E: Error>(
    _ body: (UnsafePointer<CChar>) throws(E) -> R
  ) throws(E) -> R {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    defer { copy.deallocate() }
    for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
    copy[bytes.count] = 0
    return try body(copy)
  }

  // MARK: Parts

  /// Both, one after the other.
  public static func + (left: HostString, right: HostString) -> HostString {
    HostString(bytes: left.bytes + right.bytes)
  }

  /// Whether it ends with these bytes.
  public func hasSuffix(_ suffix: HostString) -> Bool {
    bytes.count >= suffix.bytes.count && bytes.suffix(suffix.bytes.count) == suffix.bytes[...]
  }

  /// Whether it begins with these bytes.
  public func hasPrefix(_ prefix: HostString) -> Bool { bytes.starts(with: prefix.bytes) }

  /// Without `suffix`, if it ends with that.
  public func dropping(suffix: HostString) -> HostString {
    hasSuffix(suffix) ? HostString(bytes: bytes.dropLast(suffix.bytes.count)) : self
  }

  /// What is before and behind the first `separator`; nil if there is none.
  public func split(at separator: HostString) -> (before: HostString, behind: HostString)? {
    let count = separator.bytes.count
    guard count > 0, bytes.count >= count else { return nil }
    for start in 0...bytes.count - count
    where bytes[start..<start + count] == separator.bytes[...] {
      return (HostString(bytes: bytes[..<start]), HostString(bytes: bytes[(start + count)...]))
    }
    return nil
  }

  // MARK: Paths

  private static let slash = UInt8(ascii: "/")

  /// The last component; all of it for a path that has none.
  public var lastComponent: HostString {
    bytes.split(separator: Self.slash).last.map { HostString(bytes: $0) } ?? self
  }

  /// What a path's last component is in, with its slash; empty for a name alone.
  public var parent: HostString {
    HostString(bytes: bytes.lastIndex(of: Self.slash).map { bytes[...$0] } ?? [])
  }

  /// The path of a name in this directory.
  public func appending(_ name: HostString) -> HostString {
    bytes.last == Self.slash ? self + name : self + "/" + name
  }
}

extension HostString: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self.init(value) }
}

// MARK: For people

extension HostString: CustomStringConvertible {
  /// As messages show it: what is no UTF-8, and what would drive a terminal, as `\xff`.
  public var description: String { Self.visible(carried, keeping: []) }

  /// - Parameter keeping: control characters that stay.
  public static func visible(_ text: String, keeping: Set<Unicode.Scalar>) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let byte = byte(carriedBy: scalar) {
        append(byte, to: &result)
      } else if isControl(scalar), !keeping.contains(scalar) {
        for byte in String(scalar).utf8 { append(byte, to: &result) }
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
  }

  private static func append(_ byte: UInt8, to text: inout String) {
    text += byte < 16 ? "\\x0" : "\\x"
    text += String(byte, radix: 16)
  }
}

// MARK: Through what takes text only

extension HostString {
  /// Characters for private use that stand for the bytes 0x80 to 0xFF. Where they occur themselves, each of their bytes
  /// is carried so, too: then no two strings are carried alike.
  private static let carriers: ClosedRange<UInt32> = 0x10_FF80...0x10_FFFF

  /// Text from which ``init(carried:)`` makes the same bytes again: for a parser of command lines.
  public var carried: String {
    var result = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      let (scalar, size) = Self.decode(rest)
      if let scalar, !Self.carriers.contains(scalar.value) {
        result.unicodeScalars.append(scalar)
      } else {
        for byte in rest.prefix(size) {
          // In the range of carriers, all of which are scalars.
          Unicode.Scalar(Self.carriers.upperBound - 0xFF + UInt32(byte))
            .map { result.unicodeScalars.append($0) }
        }
      }
      rest = rest.dropFirst(size)
    }
    return result
  }

  /// Undoes ``carried``.
  public init(carried text: String) {
    bytes = []
    for scalar in text.unicodeScalars {
      if let byte = Self.byte(carriedBy: scalar) {
        bytes.append(byte)
      } else {
        bytes += Array(String(scalar).utf8)
      }
    }
  }

  private static func byte(carriedBy scalar: Unicode.Scalar) -> UInt8? {
    carriers.contains(scalar.value) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  /// The first character and its size; of what is no UTF-8, one byte.
  private static func decode(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar?, size: Int) {
    var decoder = UTF8()
    var iterator = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return (nil, 1) }
    return (scalar, UTF8.width(scalar))
  }
}
