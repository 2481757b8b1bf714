/// What a ``ByteReader`` found wrong.
public enum ByteProblem: Sendable {
  /// A value needs more bytes than are left.
  case unexpectedEnd
  /// A length that was read reaches beyond the end.
  case lengthOutOfBounds
  /// More items are announced than can follow.
  case countOutOfBounds
  /// A LEB128 integer has more bytes than its type takes.
  case integerTooLong
  /// A LEB128 integer has bits that its type does not have.
  case integerTooLarge
  case invalidUTF8
  case nonzeroPadding
  /// Bytes are left where nothing should follow.
  case trailingBytes
}

/// A binary format: where its bytes are kept, and how it reports errors.
public protocol ByteFormat {
  /// `[UInt8]`, or `UnsafeRawBufferPointer` for formats that are read where they are mapped.
  associatedtype Storage: RandomAccessCollection
  where Storage.Element == UInt8, Storage.Index == Int
  associatedtype Failure: Error

  /// - Parameters:
  ///   - position: where the reader stands, or where the value starts that is wrong.
  ///   - end: where the reader's range ends.
  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> Failure
}
