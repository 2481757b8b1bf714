/// A place in wasm code as compiled code names it: an inlining node (which copy of which function)
/// and the byte offset of an instruction in the module.
public struct CodeLocation: Hashable, Sendable {
  /// Index into the artefact's ``InlineNode`` table. In baseline code: the function index.
  public var node: UInt32
  /// Bytes from the start of the module to the instruction's opcode.
  public var byteOffset: UInt32

  public init(node: UInt32, byteOffset: UInt32) {
    self.node = node
    self.byteOffset = byteOffset
  }

  public init(raw: UInt64) {
    node = UInt32(truncatingIfNeeded: raw >> 32)
    byteOffset = UInt32(truncatingIfNeeded: raw)
  }

  /// As the trap stub takes it in rdx.
  public var raw: UInt64 { UInt64(node) << 32 | UInt64(byteOffset) }

  /// Tells the trap stub to look its return address up instead.
  public static let fromReturnAddress = UInt64.max
}

/// A function's body as it stands in compiled code: on its own (a root), or inlined into `parent` at
/// the call at `callOffset`. The table lists parents before children.
public struct InlineNode: Hashable, Sendable {
  /// Index of the function whose body this is.
  public var function: UInt32
  /// Index of the node it was inlined into; ``root`` for none.
  public var parent: UInt32
  /// Byte offset, in the module, of the call instruction that it replaces. 0 for a root.
  public var callOffset: UInt32

  public static let root: UInt32 = 0xFFFF_FFFF

  public init(function: UInt32, parent: UInt32, callOffset: UInt32) {
    self.function = function
    self.parent = parent
    self.callOffset = callOffset
  }
}
