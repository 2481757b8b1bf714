import Contract
import Synchronization
import Wasm

/// Maps the baseline code that this process compiled of one module to places.
final class BaselineMap: CodeMap {
  private let module: Module
  private struct Row {
    let code: BaselineCode
    let function: Int
  }
  /// Ascending by address.
  private let rows = Mutex<[Row]>([])

  init(_ module: Module) { self.module = module }

  func add(_ code: BaselineCode, function: Int) {
    rows.withLock { rows in
      var index = rows.count
      while index > 0, rows[index - 1].code.address > code.address { index -= 1 }
      rows.insert(Row(code: code, function: function), at: index)
    }
  }

  func appendFrames(at address: UInt, to frames: inout [Trap.Frame]) {
    guard let row = row(at: address) else { return }
    frames.append(
      Trap.Frame(
        module, function: row.function, baseline: row.code.metadata,
        at: Int(address - row.code.address), in: self))
  }

  /// Appends nothing: baseline code traps with its return address, not with a place.
  func appendFrames(at place: TrapPlace, to frames: inout [Trap.Frame]) {}

  private func row(at address: UInt) -> Row? {
    rows.withLock { rows in
      var low = 0
      var high = rows.count
      while low < high {
        let middle = (low + high) / 2
        if rows[middle].code.address <= address { low = middle + 1 } else { high = middle }
      }
      guard low > 0 else { return nil }
      let row = rows[low - 1]
      return address < row.code.address + UInt(row.code.metadata.codeSize) ? row : nil
    }
  }
}
