/// A place in compiled wasm code: an inlining node (which copy of which function's body) and the byte offset of an instruction in the
/// module. The one form of it in tables: of code (``LocationRow``), guards (``DeoptTable/guards``), and in ``TrapPlace``.
public struct CodeLocation: ArtefactRow, Hashable {
  /// Index into the artefact's ``InlineNode`` table; in what partitions make, within the inlining tree of the version.
  public var node: UInt32
  /// Bytes from the start of the module to the instruction's opcode.
  public var byteOffset: UInt32

  /// A place in the body of an inlining node.
  public init(node: UInt32, byteOffset: UInt32) {
    self.node = node
    self.byteOffset = byteOffset
  }

  /// The place in the artefact of one in an inlining tree whose first node has number `base` there.
  public func renumbered(from base: Int) -> CodeLocation {
    CodeLocation(node: UInt32(base) + node, byteOffset: byteOffset)
  }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) { self.init(node: words[0], byteOffset: words[1]) }
  public func append(to words: inout [UInt32]) { words += [node, byteOffset] }
}

/// A place as machine code names it when it traps. It counts nothing across functions, so that a function's
/// code stays the same whatever becomes of others, and compiled code can be kept.
public struct TrapPlace: Hashable, Sendable {
  /// Index among the functions that the module defines: below 2^20 by ``ImplementationLimits``.
  public var definedFunction: Int
  /// Whether it is in the version with deopts, where there are two.
  public var isSpeculative: Bool
  /// Its node is within that version's inlining tree.
  public var location: CodeLocation

  /// Bodies in one version of a function.
  public static let maximumNodeCount = 1 << 11

  /// A place in one version of a function.
  public init(definedFunction: Int, isSpeculative: Bool, location: CodeLocation) {
    self.definedFunction = definedFunction
    self.isSpeculative = isSpeculative
    self.location = location
  }

  /// Decodes ``raw``.
  public init(raw: UInt64) {
    definedFunction = Int(raw >> 44)
    isSpeculative = raw >> 43 & 1 != 0
    location = CodeLocation(
      node: UInt32(raw >> 32 & 0x7FF), byteOffset: UInt32(truncatingIfNeeded: raw))
  }

  /// As the trap stub takes it in rdx: function 20 bits, version 1, node 11, offset 32.
  public var raw: UInt64 {
    UInt64(definedFunction) << 44 | (isSpeculative ? 1 << 43 : 0)
      | UInt64(location.node) << 32 | UInt64(location.byteOffset)
  }

  /// Tells the trap stub to look its return address up instead. No place: functions end below.
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

  /// ``parent`` of a function's own body.
  public static let root: UInt32 = 0xFFFF_FFFF

  /// A copy of `function`'s body.
  public init(function: UInt32, parent: UInt32, callOffset: UInt32) {
    self.function = function
    self.parent = parent
    self.callOffset = callOffset
  }
}
