/// The labels in scope (spec 6.5.1). An inner label shadows an outer one of the same name.
struct LabelScope {
  private(set) var depth = 0
  /// Depths at which each identifier is bound, innermost last.
  private var depths: [[UInt8]: [Int]] = [:]

  mutating func push(_ name: [UInt8]?) {
    depth += 1
    if let name { depths[name, default: []].append(depth) }
  }

  mutating func pop(_ name: [UInt8]?) {
    depth -= 1
    if let name { depths[name]?.removeLast() }
  }

  /// The relative depth of a label. The innermost has 0.
  func relativeDepth(_ name: [UInt8]) -> Int? {
    depths[name]?.last.map { depth - $0 }
  }
}
