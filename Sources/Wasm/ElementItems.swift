/// One reference of an element segment.
public enum ElementItem: Sendable, Equatable {
  /// `ref.func`
  case function(Int)
  /// `global.get`
  case global(Int)
  /// `ref.null` of the segment's type.
  case null
  /// What no valid segment holds.
  case expression(ConstantExpression)
}

/// The references of an element segment, in four bytes each: segments may have millions.
public struct ElementItems: Sendable, RandomAccessCollection {
  /// Two bits that say what it is, then an index.
  private var words: [UInt32] = []
  private var expressions: [Int: ConstantExpression] = [:]

  private static let indexBits: UInt32 = 30
  private static let maximumIndex = 1 << 30 - 1
  private enum Tag {
    static let function: UInt32 = 0
    static let global: UInt32 = 1
    static let null: UInt32 = 2
    static let other: UInt32 = 3
  }

  /// No items.
  public init() {}

  public var startIndex: Int { 0 }
  public var endIndex: Int { words.count }

  /// An item, decoded.
  public subscript(position: Int) -> ElementItem {
    let word = words[position]
    let index = Int(word & UInt32(Self.maximumIndex))
    return switch word >> Self.indexBits {
    case Tag.function: .function(index)
    case Tag.global: .global(index)
    case Tag.null: .null
    default: expressions[position].map(ElementItem.expression) ?? .null
    }
  }

  mutating func reserveCapacity(_ count: Int) { words.reserveCapacity(count) }

  mutating func append(_ item: ElementItem) {
    switch item {
    case .function(let index) where index <= Self.maximumIndex: append(Tag.function, index)
    case .global(let index) where index <= Self.maximumIndex: append(Tag.global, index)
    case .null: append(Tag.null, 0)
    case .function(let index): append(other: ConstantExpression([.refFunc(index)]))
    case .global(let index): append(other: ConstantExpression([.globalGet(index)]))
    case .expression(let expression): append(other: expression)
    }
  }

  private mutating func append(_ tag: UInt32, _ index: Int) {
    words.append(tag << Self.indexBits | UInt32(index))
  }

  private mutating func append(other expression: ConstantExpression) {
    expressions[words.count] = expression
    append(Tag.other, 0)
  }
}

extension ElementItem {
  /// - Parameter type: the segment's.
  init(_ expression: ConstantExpression, in type: ValueType) {
    self = .expression(expression)
    guard expression.steps.count == 1 else { return }
    switch expression.steps[0] {
    case .refFunc(let index): self = .function(index)
    case .globalGet(let index): self = .global(index)
    case .refNull(type): self = .null
    default: break
    }
  }
}
