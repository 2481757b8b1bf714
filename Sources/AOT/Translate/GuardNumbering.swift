import Contract
import Speculation
import Wasm

/// Numbers all sites of a plan that can deopt: by function, then inlining node, then byte offset. The runtime
/// counts misses by these numbers.
public struct GuardNumbering: Sendable {
  /// By number.
  public let sites: [GuardSite]
  private let numbers: [GuardSite: Int]

  /// Numbers the sites of a plan.
  public init(_ plan: CompilationPlan, _ nodes: NodeNumbering) {
    var sites: [GuardSite] = []
    for function in plan.functions {
      guard let tree = function.speculative else { continue }
      let base = nodes.base(function: function.function, isSpeculative: true)
      for (index, node) in tree.nodes.enumerated() {
        let offsets = node.sites.filter { $0.value.miss == .deopt }.keys.sorted()
        sites += offsets.map { GuardSite(node: UInt32(base + index), byteOffset: UInt32($0)) }
      }
    }
    self.sites = sites
    numbers = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($0.element, $0.offset) })
  }

  /// - Parameter node: index into ``NodeNumbering/inlineNodes``.
  public func number(node: Int, byteOffset: Int) -> Int? {
    numbers[GuardSite(node: UInt32(node), byteOffset: UInt32(byteOffset))]
  }
}
