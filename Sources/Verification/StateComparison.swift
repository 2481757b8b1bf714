import Contract
import Glibc
import Runtime
import Wasm

/// What two instances of one module, each in a store of its own, differ in.
public enum StateComparison {
  /// The first difference of each memory, global and table, with both values.
  /// - Parameters:
  ///   - isEqual: holds values of globals against each other; to be given where some bits of some values are not fixed.
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
      if case .funcref = left {
        isSame = function(left.slot) == function(right.slot)
      } else {
        isSame = isEqual(left, right)
      }
      if !isSame { result.append("global \(index): \(left) on the baseline, here \(right)") }
    }
    for (index, pair) in zip(reference.tables, other.tables).enumerated() {
      result += table(index, pair.0, pair.1).map { [$0] } ?? []
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
      hash = mix(hash, number(value.slot, isFunction: value.type == .funcref))
    }
    for table in instance.tables {
      hash = mix(hash, UInt64(table.count))
      let isFunction = table.declaredType.element == .funcref
      for place in 0..<table.count {
        hash = mix(hash, number(table.elements[place], isFunction: isFunction))
      }
    }
    return hash
  }

  package static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    (hash ^ value) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29
  }

  /// A slot's bits; of a reference to a function, which function it is.
  private static func number(_ slot: UInt64, isFunction: Bool) -> UInt64 {
    guard isFunction, let record = UnsafeRawPointer(bitPattern: UInt(slot)) else { return slot }
    // As below.
    return 1 + UInt64(record.load(fromByteOffset: FuncRefLayout.functionIndex, as: UInt32.self))
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

  private static func table(_ index: Int, _ left: Table, _ right: Table) -> String? {
    guard left.count == right.count else {
      return "table \(index): \(left.count) elements on the baseline, here \(right.count)"
    }
    func element(_ table: Table, _ place: Int) -> String {
      let slot = table.elements[place]
      return table.declaredType.element == .funcref ? function(slot) : "\(slot)"
    }
    for place in 0..<left.count {
      let (old, new) = (element(left, place), element(right, place))
      if old != new {
        return "table \(index), element \(place): \(old) on the baseline, here \(new)"
      }
    }
    return nil
  }

  /// A reference by what it leads to: addresses differ from store to store.
  private static func function(_ slot: UInt64) -> String {
    guard let record = UnsafeRawPointer(bitPattern: UInt(slot)) else { return "null" }
    // A reference that is not null points to a record that lives as long as its store.
    let index = record.load(fromByteOffset: FuncRefLayout.functionIndex, as: UInt32.self)
    return index == FuncRefLayout.hostFunction ? "a host function" : "function \(index)"
  }
}
