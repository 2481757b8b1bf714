/// A place in compiled wasm code: an inlining node, which identifies a copy of a function's body, and the byte offset of an
/// instruction in the module. All tables use it: those of code (``LocationRow``) and guards (``DeoptTable/guards``), and
/// ``TrapPlace``.
public struct CodeLocation: ArtefactRow, Hashable {
  /// Index into the artefact's ``InlineNode`` table; within a partition's output, into the version's inlining tree.
  public var node: UInt32
  /// Bytes from the start of the module to the instruction's opcode.
  public var byteOffset: UInt32

  /// Creates a place in the body of an inlining node.
  public init(node: UInt32, byteOffset: UInt32) {
    self.node = node
    self.byteOffset = byteOffset
  }

  /// Converts a place in an inlining tree to a place in the artefact, where the tree's first node has the number `base`.
  public func renumbered(from base: Int) -> CodeLocation {
    CodeLocation(node: UInt32(base) + node, byteOffset: byteOffset)
  }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) { self.init(node: words[0], byteOffset: words[1]) }
  public func append(to words: inout [UInt32]) { words += [node, byteOffset] }
}

/// A place that machine code passes when it traps. It contains no number that spans functions, so a function's code does not
/// depend on other functions and can be cached.
public struct TrapPlace: Hashable, Sendable {
  /// Index among the functions that the module defines: below 2^20 by ``ImplementationLimits``.
  public var definedFunction: Int
  /// Whether it is in the speculative version of a function that has two versions.
  public var isSpeculative: Bool
  /// The node is within that version's inlining tree.
  public var location: CodeLocation

  /// The maximum number of inlined bodies in one version of a function.
  public static let maximumNodeCount = 1 << 11

  /// Creates a place in one version of a function.
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

  /// The operand of the trap stub in rdx: 20 bits function, 1 bit version, 11 bits node, 32 bits offset.
  public var raw: UInt64 {
    UInt64(definedFunction) << 44 | (isSpeculative ? 1 << 43 : 0)
      | UInt64(location.node) << 32 | UInt64(location.byteOffset)
  }

  /// Makes the trap stub look up its return address instead. Not a valid place: function indices are smaller.
  public static let fromReturnAddress = UInt64.max
}

/// A copy of a function's body in compiled code: the function's own (a root), or one inlined into `parent` at the call at
/// `callOffset`. The table lists parents before children.
public struct InlineNode: Hashable, Sendable {
  /// Index of the body's function.
  public var function: UInt32
  /// Index of the node that it is inlined into; ``root`` for none.
  public var parent: UInt32
  /// Byte offset in the module of the call that it replaces. 0 for a root.
  public var callOffset: UInt32

  /// ``parent`` of a function's own body.
  public static let root: UInt32 = 0xFFFF_FFFF

  /// Creates a copy of `function`'s body.
  public init(function: UInt32, parent: UInt32, callOffset: UInt32) {
    self.function = function
    self.parent = parent
    self.callOffset = callOffset
  }
}
