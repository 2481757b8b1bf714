import Wasm

/// The places that the branches of a body lead to.
package struct BranchWays {
  /// By byte offset of an `if`, `br_if`, `br_on_…` or `br_table`: for each way, the byte offset of the instruction that follows;
  /// nil if the way leaves the body. `if` has two: 0 if the condition is zero, 1 if it is not; branches with one label: 0 if
  /// they go on, 1 if they branch. `br_table` has one for each
  /// label, the default last.
  package private(set) var resume: [Int: [Int?]] = [:]

  /// - Parameter function: a function that a valid module defines.
  package init(_ module: Module, function: Int) {
    // Ways to blocks whose end has not been reached yet.
    var waiting: [Int: [(branch: Int, way: Int)]] = [:]
    var elseWays: [Int: Int] = [:]
    var headers: [Int: Int] = [:]
    var walker = BodyWalker(module, function: function)
    while (try? walker.next()) == true {
      let i = walker.instruction
      func lead(_ way: Int, to label: Int) {
        guard let target = walker.target(label) else { return }
        if let header = headers[target.number] {
          resume[i.offset]?[way] = header
        } else {
          waiting[target.number, default: []].append((i.offset, way))
        }
      }
      switch i.opcode {
      case .loop: headers[walker.blockCount] = i.end
      case .if:
        resume[i.offset] = [nil, i.end]
        elseWays[walker.blockCount] = i.offset
      case .else:
        if let block = walker.blocks.last, let branch = elseWays.removeValue(forKey: block.number) {
          resume[branch]?[0] = i.end
        }
      case .end, .delegate:
        guard let block = walker.blocks.last else { continue }
        for (branch, way) in waiting.removeValue(forKey: block.number) ?? [] {
          resume[branch]?[way] = i.end
        }
        if let branch = elseWays.removeValue(forKey: block.number) { resume[branch]?[0] = i.end }
      case .brIf, .brOnNull, .brOnNonNull:
        resume[i.offset] = [i.end, nil]
        lead(1, to: i.index)
      case .brTable:
        resume[i.offset] = Array(repeating: nil, count: i.labels.count)
        for (way, label) in i.labels.enumerated() { lead(way, to: label) }
      default: break
      }
    }
  }
}
