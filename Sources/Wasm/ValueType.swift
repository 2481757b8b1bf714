import Bytes

/// A value type (spec 3.0 2.3) in four bytes: there are millions of them on the validator's stacks. Code that must say
/// what it does for each looks at ``kind``.
///
/// A concrete type is an index, and so belongs to the index space that it was read for; ``TypeContext`` is what gives it a meaning.
public struct ValueType: Sendable, Hashable {
  /// Of a number or vector type its byte; of an abstract reference type its heap type's byte, and ``nonNull`` unless it is
  /// nullable; of a concrete one ``concrete`` and the index in the lowest 30 bits, and ``nonNull``.
  @usableFromInline let bits: UInt32

  @usableFromInline static let concrete: UInt32 = 1 << 31
  private static let nonNull: UInt32 = 1 << 30
  /// Greatest index that a concrete type can have; more than ``ImplementationLimits/types``, so that other index spaces than a
  /// module's fit.
  static let maximumIndex = 1 << 30 - 1

  @inlinable
  init(bits: UInt32) { self.bits = bits }

  /// Of a number or vector type, or of an abbreviated reference type.
  @inlinable
  init(byte: UInt8) { bits = UInt32(byte) }

  /// Of a number or vector type.
  var byte: UInt8 { UInt8(truncatingIfNeeded: bits) }

  /// A reference type.
  /// - Precondition: a concrete type's index is at most 2³⁰ - 1.
  public static func reference(isNullable: Bool = true, _ heap: HeapType) -> ValueType {
    let null = isNullable ? 0 : nonNull
    switch heap {
    case .abstract(let type): return ValueType(bits: UInt32(type.rawValue) | null)
    case .concrete(let index):
      precondition(index >= 0 && index <= maximumIndex, "type index \(index)")
      return ValueType(bits: UInt32(index) | concrete | null)
    }
  }

  /// 32-bit integers.
  @inlinable public static var i32: ValueType { ValueType(byte: 0x7F) }
  /// 64-bit integers.
  @inlinable public static var i64: ValueType { ValueType(byte: 0x7E) }
  /// 32-bit floats.
  @inlinable public static var f32: ValueType { ValueType(byte: 0x7D) }
  /// 64-bit floats.
  @inlinable public static var f64: ValueType { ValueType(byte: 0x7C) }
  /// Vectors of 128 bits.
  @inlinable public static var v128: ValueType { ValueType(byte: 0x7B) }
  /// `(ref null func)`
  @inlinable public static var funcref: ValueType { ValueType(byte: 0x70) }
  /// `(ref null extern)`
  @inlinable public static var externref: ValueType { ValueType(byte: 0x6F) }
  /// `(ref null exn)`
  @inlinable public static var exnref: ValueType { ValueType(byte: 0x69) }

  /// What validation takes the operands of unreachable code for: it matches every type (spec 3.0 2.3, `bot`). No module has it,
  /// and it has no ``kind``.
  static var bottom: ValueType { ValueType(byte: 0) }
  /// The same of references that are not null: it matches every reference type (spec 3.0 A.3, `(ref bot)`).
  static var bottomReference: ValueType { ValueType(bits: 1 | nonNull) }

  /// What a value type is.
  public enum Kind: Sendable, Hashable {
    case i32, i64, f32, f64, v128
    case reference(isNullable: Bool, HeapType)
  }

  /// What the type is.
  public var kind: Kind {
    if bits & Self.concrete != 0 {
      let index = bits & ~(Self.concrete | Self.nonNull)
      return .reference(isNullable: isNullable, .concrete(Int(index)))
    }
    switch UInt8(truncatingIfNeeded: bits) {
    case 0x7F: return .i32
    case 0x7E: return .i64
    case 0x7D: return .f32
    case 0x7C: return .f64
    case 0x7B: return .v128
    case let byte:
      // Whatever made the bits had one of the types.
      guard let heap = AbstractHeapType(rawValue: byte) else { preconditionFailure("bottom") }
      return .reference(isNullable: isNullable, .abstract(heap))
    }
  }

  private var isNullable: Bool { bits & Self.nonNull == 0 }

  /// Whether values are references.
  @inlinable public var isReference: Bool {
    // The lowest bytes of abstract ones are below those of number and vector types. That of bottom is 0.
    bits & Self.concrete != 0 || UInt8(truncatingIfNeeded: bits) &- 1 < 0x7A
  }
  /// Whether values are scalar floats.
  @inlinable public var isFloat: Bool { self == .f32 || self == .f64 }
  /// Whether variables of the type need no initial value (spec 3.0 3.2, defaultable types).
  public var hasDefault: Bool { !isReference || isNullable }

  /// Whether values are references that are never null.
  public var isNonNullReference: Bool { isReference && !isNullable }
  /// A reference type without its null, or with it. ``bottom`` becomes ``bottomReference``, which has no null.
  public func withNull(_ isNullable: Bool) -> ValueType {
    if self == .bottom || self == .bottomReference { return .bottomReference }
    return ValueType(bits: isNullable ? bits & ~Self.nonNull : bits | Self.nonNull)
  }

  /// The index of a concrete reference type; nil for all others.
  public var typeIndex: Int? {
    guard bits & Self.concrete != 0 else { return nil }
    return Int(bits & ~(Self.concrete | Self.nonNull))
  }

  /// The same type with the index of a concrete one replaced.
  public func mapIndex(_ transform: (Int) -> Int) -> ValueType {
    guard let typeIndex else { return self }
    return .reference(isNullable: isNullable, .concrete(transform(typeIndex)))
  }
}

/// What references refer to (spec 3.0 2.3, heap types).
public enum HeapType: Sendable, Hashable {
  case abstract(AbstractHeapType)
  /// A defined type, by type index.
  case concrete(Int)
}

/// The heap types that no module defines. The raw value is the type's byte (spec 3.0 5.3, heap types), the name its keyword in the text format.
public enum AbstractHeapType: UInt8, Sendable, Hashable, CaseIterable {
  case exn = 0x69
  case array = 0x6A
  case `struct` = 0x6B
  case i31 = 0x6C
  case eq = 0x6D
  case any = 0x6E
  case extern = 0x6F
  case `func` = 0x70
  case none = 0x71
  case noextern = 0x72
  case nofunc = 0x73
  case noexn = 0x74

  /// That brought it.
  public var feature: Feature {
    switch self {
    case .func, .extern: .referenceTypes
    case .any, .eq, .i31, .struct, .array, .none, .nofunc, .noextern: .gc
    case .exn, .noexn: .exceptions
    }
  }

  /// The text format's word for the nullable reference type (spec 3.0 6.4, reference types).
  public var abbreviation: String {
    switch self {
    case .any, .eq, .i31, .struct, .array, .func, .extern, .exn: "\(self)ref"
    case .none: "nullref"
    case .nofunc: "nullfuncref"
    case .noextern: "nullexternref"
    case .noexn: "nullexnref"
    }
  }
}

// MARK: As text

extension ValueType: CustomStringConvertible {
  /// As the text format writes it: `i32`, `funcref`, `(ref null 3)`.
  public var description: String {
    switch kind {
    case .i32: "i32"
    case .i64: "i64"
    case .f32: "f32"
    case .f64: "f64"
    case .v128: "v128"
    case .reference(isNullable: true, .abstract(let heap)): heap.abbreviation
    case .reference(isNullable: true, let heap): "(ref null \(heap))"
    case .reference(isNullable: false, let heap): "(ref \(heap))"
    }
  }
}

extension HeapType: CustomStringConvertible {
  /// A keyword of the text format, or an index.
  public var description: String {
    switch self {
    case .abstract(let type): "\(type)"
    case .concrete(let index): "\(index)"
    }
  }
}

// MARK: As bytes

extension ValueType {
  /// Appends the type as the binary format has it, the shorter form where there are two (spec 3.0 5.3).
  public func encode(to writer: inout ByteWriter) {
    switch kind {
    case .i32, .i64, .f32, .f64, .v128, .reference(isNullable: true, .abstract):
      writer.byte(UInt8(truncatingIfNeeded: bits))
    case .reference(let isNullable, let heap):
      writer.byte(isNullable ? 0x63 : 0x64)
      heap.encode(to: &writer)
    }
  }
}

extension HeapType {
  /// Appends the type as the binary format has it (spec 3.0 5.3, heap types).
  public func encode(to writer: inout ByteWriter) {
    switch self {
    case .abstract(let type): writer.byte(type.rawValue)
    case .concrete(let index): writer.signed(Int64(index))
    }
  }
}
