/// How tiers hold values, which is all that frame states need to know of their types. References are told apart by the top of
/// their hierarchy: those to functions are addresses that the runtime can check. The raw value is the byte of the type that has
/// the representation and all others of its kind match.
public enum Representation: UInt8, Sendable, Hashable, CaseIterable {
  case i32 = 0x7F
  case i64 = 0x7E
  case f32 = 0x7D
  case f64 = 0x7C
  case v128 = 0x7B
  case function = 0x70
  case external = 0x6F
  case `internal` = 0x6E
  case exception = 0x69
}

extension Representation: CustomStringConvertible {
  /// The value type that the raw value is the byte of.
  public var description: String { ValueType(byte: rawValue).description }
}

extension AbstractHeapType {
  /// Of references to the type and to its subtypes.
  public var representation: Representation {
    switch self {
    case .func, .nofunc: .function
    case .extern, .noextern: .external
    case .any, .eq, .i31, .struct, .array, .none: .internal
    case .exn, .noexn: .exception
    }
  }
}

extension ValueType {
  /// How values are held; nil for a concrete type, which only a ``TypeContext`` knows.
  public var representation: Representation? {
    switch kind {
    case .i32: .i32
    case .i64: .i64
    case .f32: .f32
    case .f64: .f64
    case .v128: .v128
    case .reference(_, .abstract(let heap)): heap.representation
    case .reference(_, .concrete): nil
    }
  }
}

extension TypeContext {
  /// How values of a type are held.
  public func representation(of type: ValueType) -> Representation {
    if let known = type.representation { return known }
    guard let index = type.typeIndex else { preconditionFailure("representation of \(type)") }
    return subType(index).composite.heapType.representation
  }
}

extension Module {
  /// How values of a type of the module are held.
  public func representation(of type: ValueType) -> Representation {
    types.representation(of: type)
  }
}
