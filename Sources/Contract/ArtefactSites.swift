/// Section `.wpgo.sites`: the planner's decisions at each call site, for people (`inspect`, `--stats`). Execution does not
/// depend on it.
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
    /// In the order of the tests.
    public var targets: [Target]

    /// Creates the decision for one call.
    public init(
      node: UInt32, byteOffset: UInt32, guardKind: UInt8, miss: UInt8, reason: UInt8,
      missCount: UInt64, targets: [Target]
    ) {
      self.node = node
      self.byteOffset = byteOffset
      self.guardKind = guardKind
      self.miss = miss
      self.reason = reason
      self.missCount = missCount
      self.targets = targets
    }
  }

  /// Ascending by node, then byte offset.
  public var sites: [Site]

  /// Creates a report of sorted sites.
  public init(sites: [Site]) { self.sites = sites }

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
      writer.integer(UInt32(site.targets.count))
      for target in site.targets {
        writer.integer(target.function)
        writer.integer(target.node)
        writer.integer(target.count)
      }
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
    for _ in 0..<(try reader.count(minimumSize: 23)) {
      var site = Site(
        node: try reader.integer(), byteOffset: try reader.integer(),
        guardKind: try reader.integer(), miss: try reader.integer(), reason: try reader.integer(),
        missCount: try reader.integer(), targets: [])
      guard Int(site.node) < nodeCount else { throw reader.error("site has no inlining node") }
      for _ in 0..<(try reader.count(minimumSize: 16)) {
        let target = Target(
          function: try reader.integer(), node: try reader.integer(), count: try reader.integer())
        guard target.node == InlineNode.root || Int(target.node) < nodeCount else {
          throw reader.error("target has no inlining node")
        }
        guard Int(target.function) < functionCount else {
          throw reader.error("target is no function")
        }
        site.targets.append(target)
      }
      sites.append(site)
    }
    try reader.expectEnd()
  }
}
