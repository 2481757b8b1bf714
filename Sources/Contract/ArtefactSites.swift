/// Section `.wpgo.sites`: the planner's decisions at each call site, and what the profile says, for people (`inspect`, `explain`).
/// Execution does not depend on it.
public struct SiteReport: Sendable, Equatable {
  /// A function that the profile saw a site call.
  public struct Target: Sendable, Equatable {
    /// Index in the module's function index space.
    public var function: UInt32
    /// The inlining node of its body, or ``InlineNode/root`` if it is called.
    public var node: UInt32
    /// Calls in the profile.
    public var count: UInt64

    /// Creates a target of a site.
    public init(function: UInt32, node: UInt32, count: UInt64) {
      self.function = function
      self.node = node
      self.count = count
    }
  }

  /// The decision for one call.
  public struct Site: Sendable, Equatable {
    /// The inlining node of the body that contains the call.
    public var node: UInt32
    /// Byte offset of the call in the module.
    public var byteOffset: UInt32
    /// The planner's enumeration cases, as positions in their declarations.
    public var guardKind: UInt8
    /// See ``guardKind``.
    public var miss: UInt8
    /// See ``guardKind``.
    public var reason: UInt8
    /// Calls in the profile that hit none of ``targets``.
    public var missCount: UInt64
    /// Of these, calls of functions that found no place in the profile.
    public var otherCount: UInt64
    /// Of these, calls of functions of other instances or of the host.
    public var foreignCount: UInt64
    /// In the order of the tests.
    public var targets: [Target]
    /// Those in the profile that are not tested for, the heaviest first.
    public var untested: [Target]

    /// Creates the decision for one call.
    public init(
      node: UInt32, byteOffset: UInt32, guardKind: UInt8, miss: UInt8, reason: UInt8,
      missCount: UInt64, otherCount: UInt64 = 0, foreignCount: UInt64 = 0, targets: [Target],
      untested: [Target] = []
    ) {
      self.node = node
      self.byteOffset = byteOffset
      self.guardKind = guardKind
      self.miss = miss
      self.reason = reason
      self.missCount = missCount
      self.otherCount = otherCount
      self.foreignCount = foreignCount
      self.targets = targets
      self.untested = untested
    }
  }

  /// What the profile counted in a function.
  public struct Function: Sendable, Equatable {
    /// Index in the module's function index space.
    public var function: UInt32
    /// Calls of it.
    public var entryCount: UInt64
    /// Its entries, back-edges and calls.
    public var weight: UInt64

    /// Creates the row of one function.
    public init(function: UInt32, entryCount: UInt64, weight: UInt64) {
      self.function = function
      self.entryCount = entryCount
      self.weight = weight
    }
  }

  /// Ascending by node, then byte offset.
  public var sites: [Site]
  /// Those with counts, ascending.
  public var functions: [Function]

  /// Creates a report of sorted sites and functions.
  public init(sites: [Site], functions: [Function] = []) {
    self.sites = sites
    self.functions = functions
  }

  /// The contents of section `.wpgo.sites`.
  public func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(UInt32(sites.count))
    for site in sites {
      writer.integer(site.node)
      writer.integer(site.byteOffset)
      writer.integer(site.guardKind)
      writer.integer(site.miss)
      writer.integer(site.reason)
      writer.integer(site.missCount)
      writer.integer(site.otherCount)
      writer.integer(site.foreignCount)
      for targets in [site.targets, site.untested] {
        writer.integer(UInt32(targets.count))
        for target in targets {
          writer.integer(target.function)
          writer.integer(target.node)
          writer.integer(target.count)
        }
      }
    }
    writer.integer(UInt32(functions.count))
    for row in functions {
      writer.integer(row.function)
      writer.integer(row.entryCount)
      writer.integer(row.weight)
    }
    return writer.bytes
  }

  /// Decodes ``encode()``.
  /// - Throws: `ArtefactError`, also if a row refers to a node or function that does not exist.
  public init(
    decoding contents: UnsafeRawBufferPointer, nodeCount: Int, functionCount: Int
  ) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.sites.rawValue)
    sites = []
    functions = []
    for _ in 0..<(try reader.count(minimumSize: 43)) {
      var site = Site(
        node: try reader.integer(), byteOffset: try reader.integer(),
        guardKind: try reader.integer(), miss: try reader.integer(), reason: try reader.integer(),
        missCount: try reader.integer(), otherCount: try reader.integer(),
        foreignCount: try reader.integer(), targets: [])
      guard Int(site.node) < nodeCount else { throw reader.error("site has no inlining node") }
      site.targets = try Self.targets(&reader, nodeCount, functionCount)
      site.untested = try Self.targets(&reader, nodeCount, functionCount)
      sites.append(site)
    }
    for _ in 0..<(try reader.count(minimumSize: 20)) {
      let row = Function(
        function: try reader.integer(), entryCount: try reader.integer(),
        weight: try reader.integer())
      guard Int(row.function) < functionCount,
        functions.last.map({ $0.function < row.function }) ?? true
      else { throw reader.error("row is of no function, or not in order") }
      functions.append(row)
    }
    try reader.expectEnd()
  }

  private static func targets(
    _ reader: inout ArtefactReader, _ nodeCount: Int, _ functionCount: Int
  ) throws(ArtefactError) -> [Target] {
    var targets: [Target] = []
    for _ in 0..<(try reader.count(minimumSize: 16)) {
      let target = Target(
        function: try reader.integer(), node: try reader.integer(), count: try reader.integer())
      guard target.node == InlineNode.root || Int(target.node) < nodeCount else {
        throw reader.error("target has no inlining node")
      }
      guard Int(target.function) < functionCount else {
        throw reader.error("target is no function")
      }
      targets.append(target)
    }
    return targets
  }
}
