/// A function type.
public struct FunctionType: Hashable, Sendable, CustomStringConvertible {
  /// In order.
  public var parameters: [ValueType]
  /// In order.
  public var results: [ValueType]

  /// A type with these parameters and results.
  public init(_ parameters: [ValueType], _ results: [ValueType]) {
    self.parameters = parameters
    self.results = results
  }

  /// As the text format writes it: `(i32, i64) -> (f64)`.
  public var description: String {
    func list(_ types: [ValueType]) -> String { types.map(\.description).joined(separator: ", ") }
    return "(\(list(parameters))) -> (\(list(results)))"
  }
}

/// Limits of a table (in elements) or a memory (in pages).
public struct Limits: Hashable, Sendable {
  /// Initial size.
  public var min: UInt64
  /// Maximum size; nil without one.
  public var max: UInt64?

  /// Limits from `min` to `max`.
  public init(min: UInt64, max: UInt64? = nil) {
    self.min = min
    self.max = max
  }
}

/// A table type.
public struct TableType: Hashable, Sendable {
  /// Type of its references.
  public var element: ValueType
  /// In elements.
  public var limits: Limits
  /// Type of indices and of sizes: i32 or i64.
  public var addressType: ValueType

  /// A table of these references.
  public init(element: ValueType, limits: Limits, addressType: ValueType = .i32) {
    self.element = element
    self.limits = limits
    self.addressType = addressType
  }
}

/// A memory type.
public struct MemoryType: Hashable, Sendable {
  /// In pages of ``pageSize`` bytes.
  public var limits: Limits
  /// Type of addresses and of sizes in pages: i32 or i64.
  public var addressType: ValueType
  /// The page size as an exponent of 2, below 64: 16, or 0 with pages of a byte. No other is valid.
  public var pageSizeExponent: UInt8

  /// The exponent of a memory type that names no page size.
  public static let standardPageSizeExponent: UInt8 = 16

  /// A memory with these limits.
  public init(
    limits: Limits, addressType: ValueType = .i32,
    pageSizeExponent: UInt8 = standardPageSizeExponent
  ) {
    self.limits = limits
    self.addressType = addressType
    self.pageSizeExponent = pageSizeExponent
  }

  /// The highest address, and the highest static offset (spec 3.4.6).
  public var maximumAddress: UInt64 { addressType.maximumAddress }
  /// Bytes in a page (spec 4.2.8).
  public var pageSize: Int { 1 << Int(pageSizeExponent) }
  /// Pages that addresses reach, and whose number is of the address type: the limit of validity (spec 3.2.6).
  public var maximumPageCount: UInt64 {
    pageSizeExponent == 0 ? maximumAddress : (maximumAddress >> UInt64(pageSizeExponent)) + 1
  }
}

extension ValueType {
  /// The highest address or index of an address type (spec 3.0 2.3).
  public var maximumAddress: UInt64 { self == .i64 ? .max : UInt64(UInt32.max) }

  /// What counts for both of two memories or tables (spec 3.0 3.4, `memory.copy`): the smaller of two address types.
  func minimum(_ other: ValueType) -> ValueType { self == other ? self : .i32 }
}

/// A global type.
public struct GlobalType: Hashable, Sendable {
  /// Type of its value.
  public var value: ValueType
  /// Whether code and host may change it.
  public var isMutable: Bool

  /// A global of this type.
  public init(value: ValueType, isMutable: Bool) {
    self.value = value
    self.isMutable = isMutable
  }
}

/// The type of a tag, which exceptions have (spec 3.0 2.3, tag types): the parameters of a function type without results.
public struct TagType: Hashable, Sendable {
  /// Index into ``Module/types``.
  public var typeIndex: Int

  /// The tag type of a function type.
  public init(typeIndex: Int) { self.typeIndex = typeIndex }
}

/// The type of a block: its parameters and results (spec 5.4.1).
public enum BlockType: Hashable, Sendable {
  case empty
  case value(ValueType)
  case type(Int)
}

/// The type of an import or export (spec 2.3.16).
public enum ExternalType: Hashable, Sendable {
  case function(typeIndex: Int)
  case table(TableType)
  case memory(MemoryType)
  case global(GlobalType)
  case tag(TagType)
}

/// What an import or export is; the raw value is its byte.
public enum ExternalKind: UInt8, Sendable, Hashable {
  case function = 0
  case table = 1
  case memory = 2
  case global = 3
  case tag = 4
}
