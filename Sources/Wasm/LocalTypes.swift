/// Types of a function's locals. Only the first are expanded: a few bytes can declare 50,000.
struct LocalTypes {
  private static let expandedLimit = 256
  private var expanded: [ValueType] = []
  /// Locals up to and with each group, parameters counted.
  private var ends: [Int] = []
  private var types: [ValueType] = []
  private var parameters: [ValueType] = []

  /// Whether all declared ones have a default, so that any may be read at any time.
  private(set) var haveDefaults = true
  var parameterCount: Int { parameters.count }

  var hasVectors: Bool { parameters.contains(.v128) || types.contains(.v128) }

  mutating func load(_ module: Module, function: Int) {
    expanded.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    haveDefaults = true
    parameters = module.type(ofFunction: function).parameters
    expanded.append(contentsOf: parameters.prefix(Self.expandedLimit))
    var end = parameters.count
    for group in module.functions[function].localGroups {
      end += group.count
      ends.append(end)
      types.append(group.type)
      if !group.type.hasDefault { haveDefaults = false }
      let room = Self.expandedLimit - expanded.count
      expanded.append(contentsOf: repeatElement(group.type, count: min(room, group.count)))
    }
  }

  @inline(__always)
  subscript(index: Int) -> ValueType? {
    index < expanded.count ? expanded[index] : find(index)
  }

  @inline(never)
  private func find(_ index: Int) -> ValueType? {
    if index < parameters.count { return parameters[index] }
    let group = ends.partitioningIndex { $0 > index }
    return group < types.count ? types[group] : nil
  }
}
