import Bytes

/// The type of a field (spec 3.0 2.3, composite types).
public struct FieldType: Sendable, Hashable {
  /// What a field holds.
  public enum Storage: Sendable, Hashable {
    case value(ValueType)
    case i8, i16
  }
  /// What it holds.
  public var storage: Storage
  /// Whether code may change it.
  public var isMutable: Bool

  /// A field of this type.
  public init(_ storage: Storage, isMutable: Bool) {
    self.storage = storage
    self.isMutable = isMutable
  }
}

/// What a defined type is made of (spec 3.0 2.3, composite types). Structures and arrays are data only: types refer to them, and no instruction
/// makes them.
public enum CompositeType: Sendable, Hashable {
  case function(FunctionType)
  case structure([FieldType])
  case array(FieldType)

  /// The abstract type that all types of the kind match (spec 3.0 3.3, heap types).
  public var heapType: AbstractHeapType {
    switch self {
    case .function: .func
    case .structure: .struct
    case .array: .array
    }
  }
}

/// A type as a module defines it (spec 3.0 2.3, recursive types). Indices of types in it are those of an index space that is known from elsewhere.
public struct SubType: Sendable, Hashable {
  /// Whether no other type may declare it as its supertype.
  public var isFinal: Bool
  /// The index of the declared supertype; nil without one.
  public var supertype: Int?
  /// What it is made of.
  public var composite: CompositeType

  /// A type with this supertype.
  public init(isFinal: Bool, supertype: Int? = nil, _ composite: CompositeType) {
    self.isFinal = isFinal
    self.supertype = supertype
    self.composite = composite
  }

  /// A function type as WebAssembly 2.0 has them: final, without supertype.
  public init(_ type: FunctionType) { self.init(isFinal: true, .function(type)) }

  /// Whether it is final and has no supertype, which is what leaving out `sub` means.
  public var isPlain: Bool { isFinal && supertype == nil }
}

/// A type of the type index space: a member of a recursion group (spec 3.0 2.3, recursive types).
public struct DefinedType: Sendable, Hashable {
  /// As it is defined.
  public let subType: SubType
  /// The indices of its recursion group.
  public let group: Range<Int>
  /// The lowest index of an equal type (spec 3.0 3.3, defined types): equal types, equal indices.
  public let canonicalIndex: Int
  /// The number of declared supertypes above it.
  public let depth: Int

  /// What it is made of.
  public var composite: CompositeType { subType.composite }
}

// MARK: Indices

extension FunctionType {
  /// The same type with the indices of concrete types replaced.
  public func mapIndices(_ transform: (Int) -> Int) -> FunctionType {
    // Most have none, and then keep their storage.
    guard
      parameters.contains(where: { $0.typeIndex != nil })
        || results.contains(where: { $0.typeIndex != nil })
    else { return self }
    return FunctionType(
      parameters.map { $0.mapIndex(transform) }, results.map { $0.mapIndex(transform) })
  }
}

extension FieldType {
  fileprivate func mapIndices(_ transform: (Int) -> Int) -> FieldType {
    switch storage {
    case .value(let type): FieldType(.value(type.mapIndex(transform)), isMutable: isMutable)
    case .i8, .i16: self
    }
  }
}

extension SubType {
  /// The same type with all indices of types replaced.
  public func mapIndices(_ transform: (Int) -> Int) -> SubType {
    let composite: CompositeType =
      switch composite {
      case .function(let type): .function(type.mapIndices(transform))
      case .structure(let fields): .structure(fields.map { $0.mapIndices(transform) })
      case .array(let field): .array(field.mapIndices(transform))
      }
    return SubType(isFinal: isFinal, supertype: supertype.map(transform), composite)
  }
}

// MARK: As text

extension FieldType: CustomStringConvertible {
  /// As the text format writes it: `(mut i32)`, `i8`.
  public var description: String {
    let text =
      switch storage {
      case .value(let type): "\(type)"
      case .i8: "i8"
      case .i16: "i16"
      }
    return isMutable ? "(mut \(text))" : text
  }
}

extension CompositeType: CustomStringConvertible {
  /// A function type's description; `struct (mut i32), i8`; `array i8`.
  public var description: String {
    switch self {
    case .function(let type): "\(type)"
    case .structure(let fields): "struct " + fields.map(\.description).joined(separator: ", ")
    case .array(let field): "array \(field)"
    }
  }
}

extension SubType: CustomStringConvertible {
  /// That of its composite type, behind `sub`, `final` and the supertype's index unless it is plain.
  public var description: String {
    if isPlain { return "\(composite)" }
    let words = ["sub", isFinal ? "final" : nil, supertype.map(String.init), "\(composite)"]
    return words.compactMap { $0 }.joined(separator: " ")
  }
}

// MARK: As bytes

/// The forms of type definitions (spec 3.0 5.3).
enum TypeForm {
  static let group: UInt8 = 0x4E
  static let finalSubType: UInt8 = 0x4F
  static let subType: UInt8 = 0x50
  static let array: UInt8 = 0x5E
  static let structure: UInt8 = 0x5F
  static let function: UInt8 = 0x60
  static let i16: UInt8 = 0x77
  static let i8: UInt8 = 0x78
}

extension SubType {
  /// Appends the type as the binary format has it, the shorter form where there are two (spec 3.0 5.3, recursive types).
  public func encode(to writer: inout ByteWriter) {
    if !isPlain {
      writer.byte(isFinal ? TypeForm.finalSubType : TypeForm.subType)
      writer.unsigned(supertype == nil ? 0 : 1)
      if let supertype { writer.unsigned(UInt64(supertype)) }
    }
    composite.encode(to: &writer)
  }

  /// Appends a recursion group as the binary format has it, the shorter form where there are two (spec 3.0 5.3, recursive types).
  public static func encode(group: some Collection<SubType>, to writer: inout ByteWriter) {
    if group.count != 1 {
      writer.byte(TypeForm.group)
      writer.unsigned(UInt64(group.count))
    }
    for type in group { type.encode(to: &writer) }
  }
}

extension CompositeType {
  /// Appends the type as the binary format has it (spec 3.0 5.3, composite types).
  public func encode(to writer: inout ByteWriter) {
    switch self {
    case .function(let type):
      writer.byte(TypeForm.function)
      for types in [type.parameters, type.results] {
        writer.unsigned(UInt64(types.count))
        for type in types { type.encode(to: &writer) }
      }
    case .structure(let fields):
      writer.byte(TypeForm.structure)
      writer.unsigned(UInt64(fields.count))
      for field in fields { field.encode(to: &writer) }
    case .array(let field):
      writer.byte(TypeForm.array)
      field.encode(to: &writer)
    }
  }
}

extension FieldType {
  fileprivate func encode(to writer: inout ByteWriter) {
    switch storage {
    case .value(let type): type.encode(to: &writer)
    case .i8: writer.byte(TypeForm.i8)
    case .i16: writer.byte(TypeForm.i16)
    }
    writer.byte(isMutable ? 1 : 0)
  }
}
