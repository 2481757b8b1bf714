import Contract
import Glibc
import Runtime
import Wasm

/// What two instances of one module, each in a store of its own, differ in.
public enum StateComparison {
  /// The first difference of each memory, global and table, with both values.
  /// - Parameters:
  ///   - isEqual: compares values of globals; pass one where some bits of some values are unspecified.
  public static func differences(
    _ reference: Instance, _ other: Instance,
    isEqual: (Value, Value) -> Bool = { $0 == $1 }
  ) -> [String] {
    var result: [String] = []
    for (index, pair) in zip(reference.memories, other.memories).enumerated() {
      result += memory(index, pair.0, pair.1).map { [$0] } ?? []
    }
    for index in reference.module.globals.indices {
      let (left, right) = (reference.global(index).value, other.global(index).value)
      let isSame: Bool
      switch (left, right) {
      case (.funcref, _): isSame = Target(left.slot, reference) == Target(right.slot, other)
      case (.exnref(let left), .exnref(let right)): isSame = left?.message == right?.message
      default: isSame = isEqual(left, right)
      }
      if !isSame { result.append("global \(index): \(left) on the baseline, here \(right)") }
    }
    for (index, pair) in zip(reference.tables, other.tables).enumerated() {
      result += table(index, (pair.0, reference), (pair.1, other)).map { [$0] } ?? []
    }
    return result
  }

  /// One number for all memories, globals and tables: equal for equal states, references being what they lead to.
  package static func digest(of instance: Instance) -> UInt64 {
    var hash: UInt64 = 0
    for memory in instance.memories {
      memory.withUnsafeMutableBytes {
        hash = mix(hash, StableHash.of(UnsafeRawBufferPointer($0)))
        hash = mix(hash, UInt64($0.count))
      }
    }
    for index in instance.module.globals.indices {
      let value = instance.global(index).value
      switch value {
      case .v128(let vector): hash = mix(mix(hash, vector.low), vector.high)
      case .funcref: hash = mix(hash, Target(value.slot, instance).number)
      case .exnref(let exception): hash = mix(hash, number(exception))
      default: hash = mix(hash, value.slot)
      }
    }
    for (table, type) in zip(instance.tables, instance.module.tables) {
      hash = mix(hash, UInt64(table.count))
      let representation = instance.module.representation(of: type.element)
      for place in 0..<table.count {
        let slot = table.elements[place]
        switch representation {
        case .function: hash = mix(hash, Target(slot, instance).number)
        case .exception: hash = mix(hash, number(exception(in: table, place)))
        default: hash = mix(hash, slot)
        }
      }
    }
    return hash
  }

  private static func exception(in table: Table, _ place: Int) -> Exception? {
    guard case .exnref(let exception)? = try? table.get(place) else { return nil }
    return exception
  }

  /// Of what it holds.
  private static func number(_ exception: Exception?) -> UInt64 {
    exception.map { StableHash.of(Array($0.message.utf8)) } ?? 0
  }

  package static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    (hash ^ value) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29
  }

  private static func memory(_ index: Int, _ left: Memory, _ right: Memory) -> String? {
    guard left.byteCount == right.byteCount else {
      return "memory \(index): \(left.byteCount) bytes on the baseline, here \(right.byteCount)"
    }
    return left.withUnsafeMutableBytes { left in
      right.withUnsafeMutableBytes { right -> String? in
        let page = 4096
        for start in stride(from: 0, to: left.count, by: page) {
          let end = min(start + page, left.count)
          // Most pages are equal, and compared at once. Both are in bounds.
          guard let old = left.baseAddress, let new = right.baseAddress,
            memcmp(old + start, new + start, end - start) != 0,
            let place = (start..<end).first(where: { left[$0] != right[$0] })
          else { continue }
          return "memory \(index), address \(place): byte \(left[place]) on the baseline, "
            + "here \(right[place])"
        }
        return nil
      }
    }
  }

  private static func table(
    _ index: Int, _ left: (table: Table, instance: Instance),
    _ right: (table: Table, instance: Instance)
  ) -> String? {
    guard left.table.count == right.table.count else {
      return
        "table \(index): \(left.table.count) elements on the baseline, here \(right.table.count)"
    }
    func element(_ side: (table: Table, instance: Instance), _ place: Int) -> String {
      let slot = side.table.elements[place]
      let module = side.instance.module
      switch module.representation(of: module.tables[index].element) {
      case .function: return Target(slot, side.instance).description
      case .exception: return exception(in: side.table, place)?.message ?? "null"
      default: return "\(slot)"
      }
    }
    for place in 0..<left.table.count {
      let (old, new) = (element(left, place), element(right, place))
      if old != new {
        return "table \(index), element \(place): \(old) on the baseline, here \(new)"
      }
    }
    return nil
  }

  /// What a reference to a function leads to: addresses differ from store to store.
  private enum Target: Equatable, CustomStringConvertible {
    case null
    case host
    case function(UInt32, isOwn: Bool)

    init(_ slot: UInt64, _ instance: Instance) {
      guard let record = UnsafeRawPointer(bitPattern: UInt(slot)) else {
        self = .null
        return
      }
      // A reference that is not null points to a record that lives as long as its store.
      let index = record.load(fromByteOffset: FuncRefLayout.functionIndex, as: UInt32.self)
      let context = record.load(
        fromByteOffset: FuncRefLayout.context, as: UnsafeMutableRawPointer?.self)
      self =
        index == FuncRefLayout.hostFunction
        ? .host : .function(index, isOwn: context == instance.context)
    }

    var number: UInt64 {
      switch self {
      case .null: 0
      case .host: 1
      case .function(let index, let isOwn): 2 + UInt64(index) << 1 + (isOwn ? 1 : 0)
      }
    }

    var description: String {
      switch self {
      case .null: "null"
      case .host: "a host function"
      case .function(let index, let isOwn):
        "function \(index)\(isOwn ? "" : " of another instance")"
      }
    }
  }
}
