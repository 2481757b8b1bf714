/// One member of the family of all pairs of an effect and a trap: in which order, in what loop, at what address.
///
/// ``all`` lists those that are possible. What each part does is in TrapPair+Effects.swift, TrapPair+Traps.swift and
/// TrapPair+Shapes.swift; with which arguments each is called in TrapPair+Calls.swift.
public struct TrapPair: Sendable, CustomStringConvertible {
  public enum Effect: String, Sendable, CaseIterable {
    case store8, store16, store32, store64
    case globalI32, globalI64, globalF32, globalF64, globalFuncref, globalExternref
    case tableSet, memoryGrow, memoryFill, memoryCopy
    /// Of a function of the module, and of the host.
    case call, hostCall
  }

  public enum TrapKind: String, Sendable, CaseIterable {
    case load, store, droppedLoad, bulk
    case division, conversion, unreachable, nullCall, wrongCall, stackExhaustion
    /// An atomic read-modify-write, whose address may also be misaligned.
    case atomic

    /// Traps by its address, otherwise by being executed in a certain iteration.
    var hasAddress: Bool {
      switch self {
      case .load, .store, .droppedLoad, .bulk, .atomic: true
      default: false
      }
    }
  }

  /// Where the access that traps is: the counter of the loop is `i`, and `o` an argument.
  public enum Form: String, Sendable, CaseIterable {
    /// `o + i * size`
    case ascending
    /// The same with a constant offset.
    case offset
    /// `o - i * size`, which wraps below zero.
    case descending
    /// `o`
    case invariant
  }

  /// Where the access that traps is. Effects are in memory 0, but for `memory.grow`.
  public enum Place: String, Sendable, CaseIterable {
    case first
    /// Memory 1.
    case other
    /// A memory with addresses of 64 bits.
    case wide

    /// The memory as an immediate.
    public var immediate: String {
      switch self {
      case .first: ""
      case .other: " $other"
      case .wide: " $wide"
      }
    }

    /// An i32 as an address in the memory, what is below zero stays so; or as a size.
    public func address(_ text: String) -> String {
      self == .wide ? "(i64.extend_i32_s \(text))" : text
    }
  }

  public enum Order: String, Sendable, CaseIterable {
    case effectFirst, trapFirst
  }

  public enum Shape: String, Sendable, CaseIterable {
    /// Three iterations without a loop.
    case straight
    case up, down, `while`, twoExits, nested
    /// A loop that only reads, with a guard in it, behind the effect.
    case peeled
    case unswitchable
    case vectorizable
    /// A guard between both, which leaves the loop when it fails.
    case guarded
  }

  public var effect: Effect
  public var trap: TrapKind
  public var form: Form
  public var place: Place
  public var order: Order
  public var shape: Shape
  /// Both are in a function that is called indirectly, and inlined where the profile says so.
  public var isInlined: Bool
  /// Decides on what does not multiply the family: which load, which division.
  public var variety: Int

  public var description: String {
    let access = place == .first ? form.rawValue : "\(form.rawValue) in \(place.rawValue) memory"
    let parts = [effect.rawValue, trap.rawValue + (trap.hasAddress ? " \(access)" : "")]
    let names = order == .effectFirst ? parts : parts.reversed()
    return "\(names[0]), then \(names[1]), \(shape.rawValue)\(isInlined ? ", inlined" : "")"
  }

  public static let all: [TrapPair] = {
    var result: [TrapPair] = []
    for effect in Effect.allCases {
      for trap in TrapKind.allCases {
        for form in trap.hasAddress ? Form.allCases : [.ascending] {
          for place in trap.hasAddress ? Place.allCases : [.first] {
            append(effect, trap, form, place, to: &result)
          }
        }
      }
    }
    return result
  }()

  private static func append(
    _ effect: Effect, _ trap: TrapKind, _ form: Form, _ place: Place, to result: inout [TrapPair]
  ) {
    for order in Order.allCases {
      for shape in Shape.allCases {
        for isInlined in [false, true] {
          let pair = TrapPair(
            effect: effect, trap: trap, form: form, place: place, order: order, shape: shape,
            isInlined: isInlined, variety: (result.count &* 0x9E37_79B1) >> 7 & 0xFFFF)
          if pair.reasonToSkip == nil { result.append(pair) }
        }
      }
    }
  }

  /// Why there is no such member; nil if there is.
  var reasonToSkip: String? {
    switch shape {
    case .peeled:
      if [.store, .bulk, .atomic].contains(trap) { return "only what reads is peeled" }
      if trap == .stackExhaustion { return "a loop with another call is not peeled" }
    case .vectorizable:
      let isElementwise = [.store8, .store16, .store32, .store64].contains(effect)
      if !isElementwise || ![.load, .store, .droppedLoad].contains(trap) {
        return "nothing else is vectorized"
      }
      if isInlined { return "it would be what it is without" }
    default: break
    }
    return nil
  }

  /// Members whose number is `first` and every `stride`-th from there: with a stride that has no common factor with the
  /// number of any part, each part of the family is met.
  public static func share(first: Int, stride: Int) -> [TrapPair] {
    Swift.stride(from: first % stride, to: all.count, by: stride).map { all[$0] }
  }
}
