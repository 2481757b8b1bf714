import Bytes
import Wasm

/// What the types of a module are made of, without their indices, which change when another type is added.
struct TypeContents {
  /// By type index.
  private var contents: [[UInt8]] = []

  init(_ types: TypeSpace) {
    contents.reserveCapacity(types.count)
    for type in types {
      var writer = ByteWriter()
      switch type.composite {
      case .function(let function):
        for types in [function.parameters, function.results] {
          for value in types { append(value, in: type.group, to: &writer) }
          writer.byte(0x60)
        }
      case .structure, .array: type.composite.encode(to: &writer)
      }
      contents.append(writer.bytes)
    }
  }

  subscript(index: Int) -> [UInt8] { contents[index] }

  /// Appends a value type, a concrete one by the hash of its contents.
  func append(_ type: ValueType, to writer: inout ByteWriter) {
    append(type, in: 0..<0, to: &writer)
  }

  /// - Parameter group: the recursion group that the type is used in, whose members count by their positions.
  private func append(_ type: ValueType, in group: Range<Int>, to writer: inout ByteWriter) {
    guard let index = type.typeIndex else { return type.encode(to: &writer) }
    writer.byte(type.isNonNullReference ? 0x64 : 0x63)
    writer.integer(
      group.contains(index)
        ? UInt64(index - group.lowerBound) : StableHash.of(contents[index]))
  }
}
