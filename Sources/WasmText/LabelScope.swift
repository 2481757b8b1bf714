/// The labels in scope (spec 6.5.1); an inner one hides an outer one of the same name.
struct LabelScope {
  private(set) var depth = 0
  /// Depths at which each identifier was bound, innermost last.
  private var depths: [[UInt8]: [Int]] = [:]

  mutating func push(_ name: [UInt8]?) {
    depth += 1
    if let name { depths[name, default: []].append(depth) }
  }

  mutating func pop(_ name: [UInt8]?) {
    depth -= 1
    if let name { depths[name]?.removeLast() }
  }

  /// Relative depth of a label: 0 is the innermost.
  func relativeDepth(_ name: [UInt8]) -> Int? {
    depths[name]?.last.map { depth - $0 }
  }
}
