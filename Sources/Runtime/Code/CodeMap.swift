import Contract
import Synchronization
import Wasm

/// Maps machine code to wasm instructions. Each compiled module and each artefact has one.
package protocol CodeMap: AnyObject, Sendable {
  /// Appends the wasm functions active at a call, innermost first. There are several if bodies were inlined.
  /// - Parameter address: the last byte of the call's instruction, in front of its return address.
  func appendFrames(at address: UInt, to frames: inout [Trap.Frame])

  /// The same for a memory access that faulted.
  func appendFrames(faultAt address: UInt, to frames: inout [Trap.Frame])

  /// The same for interrupted code, which may be at any instruction: optimized code is at the nearest call or access before it.
  func appendNearestFrames(at address: UInt, to frames: inout [Trap.Frame])

  /// The same for a place that compiled code passed to the trap stub.
  func appendFrames(at place: TrapPlace, to frames: inout [Trap.Frame])
}

extension CodeMap {
  func appendFrames(faultAt address: UInt, to frames: inout [Trap.Frame]) {
    appendFrames(at: address, to: &frames)
  }

  func appendNearestFrames(at address: UInt, to frames: inout [Trap.Frame]) {
    appendFrames(at: address, to: &frames)
  }
}

/// All ranges of wasm machine code in the process, for backtraces.
package enum CodeRegistry {
  private struct Row {
    let start: UInt
    let end: UInt
    let map: any CodeMap
  }
  /// Ascending by address.
  private static let rows = Mutex<[Row]>([])

  /// Retains the map until ``remove(start:)``.
  package static func add(_ map: any CodeMap, start: UInt, size: Int) {
    rows.withLock { rows in
      let index = rows.partitioningIndex { $0.start > start }
      rows.insert(Row(start: start, end: start + UInt(size), map: map), at: index)
    }
  }

  package static func remove(start: UInt) {
    rows.withLock { rows in
      let index = rows.partitioningIndex { $0.start > start }
      if index > 0, rows[index - 1].start == start { rows.remove(at: index - 1) }
    }
  }

  package static func map(at address: UInt) -> (any CodeMap)? {
    rows.withLock { rows in
      let index = rows.partitioningIndex { $0.start > address }
      guard index > 0, address < rows[index - 1].end else { return nil }
      return rows[index - 1].map
    }
  }
}
