import Wasm

extension ArtefactTable<InlineNode> {
  /// The node whose code a node is part of: the compiled function's own body.
  public func root(of node: UInt32) -> UInt32 {
    var node = node
    // Ends: a node's parent has a smaller index.
    while self[Int(node)].parent != InlineNode.root { node = self[Int(node)].parent }
    return node
  }
}

/// The frames that nodes stand for. A body that is inlined at a tail call has no frame of its own beside its parent's: it takes that one's
/// place, as the callee would, and returns to whatever the parent returns to.
public struct InlineChains {
  /// By number; parents before children.
  public let nodes: ArtefactTable<InlineNode>
  /// Of which the nodes are bodies; tells which calls are tail calls.
  public let module: Module

  /// The chains of these nodes, which are bodies of a valid module.
  public init(_ nodes: ArtefactTable<InlineNode>, of module: Module) {
    self.nodes = nodes
    self.module = module
  }

  /// The call that a node's body returns to; nil if it returns to the compiled function's caller.
  public func caller(of node: UInt32) -> CodeLocation? {
    var row = nodes[Int(node)]
    // Ends: a node's parent has a smaller index.
    while row.parent != InlineNode.root {
      guard module.isTailCall(at: Int(row.callOffset)) else {
        return CodeLocation(node: row.parent, byteOffset: row.callOffset)
      }
      row = nodes[Int(row.parent)]
    }
    return nil
  }
}
