/// Section `.wpgo.sites`: what the planner decided at each call site, for people (`inspect`, `--stats`). Nothing that
/// runs depends on it.
public struct SiteReport: Sendable, Equatable {
  public struct Target: Sendable, Equatable {
    public var function: UInt32
    /// Inlining node of its body; ``InlineNode/root`` where it is called.
    public var node: UInt32
    public var count: UInt64

    public init(function: UInt32, node: UInt32, count: UInt64) {
      self.function = function
      self.node = node
      self.count = count
    }
  }

  public struct Site: Sendable, Equatable {
    public var node: UInt32
    /// Of the call, in the module.
    public var byteOffset: UInt32
    /// Positions of the planner's cases in their declarations.
    public var guardKind: UInt8
    public var miss: UInt8
    public var reason: UInt8
    public var missCount: UInt64
    public var targets: [Target]

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

  public init(sites: [Site]) { self.sites = sites }

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
