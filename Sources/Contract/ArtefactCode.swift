import X64

/// The compiled versions of one defined function. Offsets and sizes are in bytes; offsets count from the start of `.text`.
public struct FunctionCode: ArtefactRow, Hashable {
  /// The version that calls enter first: the speculative one if there is one.
  public var entry: UInt32
  /// Size of the entry version.
  public var entrySize: UInt32
  /// The generic version if there is one beside the entry version; else ``none``.
  public var generic: UInt32
  /// Size of the generic version; 0 without one.
  public var genericSize: UInt32
  /// The minimum distance from rsp to rbp at the deopt points of the entry version. 0 without such points.
  public var frameSize: UInt32
  /// Number of the first inlining node of the entry version. ``genericNode`` is that of the generic version, and equal if the
  /// entry version has no deopts. OSR entries share the generic version's tree.
  public var node: UInt32
  /// See ``node``.
  public var genericNode: UInt32
  /// A jump through the function's entry in the context, for references to a function whose entry may change. ``none`` if it
  /// never changes.
  public var entryStub: UInt32

  /// There is no code of the generic version.
  public static let none: UInt32 = 0xFFFF_FFFF
  /// No stack has room for a larger frame.
  public static let maximumFrameSize: UInt32 = 1 << 30
  /// Whether the entry version has deopts.
  public var isSpeculative: Bool { node != genericNode }
  /// Whether there is code of a generic version beside it. If not, baseline code takes its place.
  public var hasGeneric: Bool { generic != Self.none }

  /// Describes the versions of one function.
  public init(
    entry: UInt32, entrySize: UInt32, generic: UInt32 = Self.none, genericSize: UInt32 = 0,
    frameSize: UInt32 = 0, node: UInt32, genericNode: UInt32, entryStub: UInt32 = Self.none
  ) {
    self.entry = entry
    self.entrySize = entrySize
    self.generic = generic
    self.genericSize = genericSize
    self.frameSize = frameSize
    self.node = node
    self.genericNode = genericNode
    self.entryStub = entryStub
  }

  public static var wordCount: Int { 8 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(
      entry: words[0], entrySize: words[1], generic: words[2], genericSize: words[3],
      frameSize: words[4], node: words[5], genericNode: words[6], entryStub: words[7])
  }
  public func append(to words: inout [UInt32]) {
    words += [
      entry, entrySize, generic, genericSize, frameSize, node, genericNode, entryStub,
    ]
  }
}

/// Generic code of a function that is entered at one of its loops.
public struct LoopCode: ArtefactRow, Hashable {
  /// Index in the module's function index space.
  public var function: UInt32
  /// Byte offset of the `loop` instruction in the module.
  public var byteOffset: UInt32
  /// Offset of the entry in the code.
  public var entry: UInt32
  /// Size of the code.
  public var entrySize: UInt32

  /// Describes an OSR entry.
  public init(function: UInt32, byteOffset: UInt32, entry: UInt32, entrySize: UInt32) {
    self.function = function
    self.byteOffset = byteOffset
    self.entry = entry
    self.entrySize = entrySize
  }

  public static var wordCount: Int { 4 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(function: words[0], byteOffset: words[1], entry: words[2], entrySize: words[3])
  }
  public func append(to words: inout [UInt32]) {
    words += [function, byteOffset, entry, entrySize]
  }
}

extension InlineNode: ArtefactRow {
  public static var wordCount: Int { 3 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(function: words[0], parent: words[1], callOffset: words[2])
  }
  public func append(to words: inout [UInt32]) { words += [function, parent, callOffset] }
}

/// A flat array of code addresses that the runtime builds for a table (`ContextLayout.dispatchTables`).
public struct DispatchRow: ArtefactRow, Hashable {
  /// Index of the table.
  public var table: UInt32
  /// Type index of the calls through it.
  public var typeIndex: UInt32

  /// Describes the array for calls of one type through one table.
  public init(table: UInt32, typeIndex: UInt32) {
    self.table = table
    self.typeIndex = typeIndex
  }

  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) { self.init(table: words[0], typeIndex: words[1]) }
  public func append(to words: inout [UInt32]) { words += [table, typeIndex] }
}

/// Section `.wpgo.code`.
public struct CodeTables: Sendable {
  /// By defined function, in index order.
  public var functions: ArtefactTable<FunctionCode>
  /// Ascending by function, then byte offset.
  public var loops: ArtefactTable<LoopCode>
  /// Inlining nodes by number.
  public var inlineNodes: ArtefactTable<InlineNode>
  /// The tables that have arrays of code addresses.
  public var dispatch: ArtefactTable<DispatchRow>
  /// Functions without optimized code, ascending.
  public var baseline: [BaselineFunction]

  /// The section's bytes.
  public static func encode(
    functions: [FunctionCode], loops: [LoopCode], inlineNodes: [InlineNode],
    dispatch: [DispatchRow], baseline: [BaselineFunction] = []
  ) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.table(functions)
    writer.table(loops)
    writer.table(inlineNodes)
    writer.table(dispatch)
    baseline.encode(to: &writer)
    return writer.bytes
  }

  /// Checks what can be checked without the module: the code of all versions lies in `.text` without overlap, parents precede
  /// their children, and no inlining tree has more nodes than a ``TrapPlace`` can express.
  public init(decoding contents: UnsafeRawBufferPointer, textSize: Int) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.code.rawValue)
    functions = try reader.table(of: FunctionCode.self)
    loops = try reader.table(of: LoopCode.self)
    inlineNodes = try reader.table(of: InlineNode.self)
    dispatch = try reader.table(of: DispatchRow.self)
    baseline = try [BaselineFunction](decoding: &reader)
    try reader.expectEnd()
    try checkRanges(textSize, reader)
    for index in 1..<max(1, loops.count) {
      let (before, after) = (loops[index - 1], loops[index])
      guard (before.function, before.byteOffset) < (after.function, after.byteOffset) else {
        throw reader.error("OSR entries are not in order")
      }
    }
    try checkNodes(reader)
  }

  private func checkRanges(_ textSize: Int, _ reader: ArtefactReader) throws(ArtefactError) {
    var ranges: [Range<UInt32>] = []
    ranges.reserveCapacity(3 * functions.count + loops.count)
    func add(_ start: UInt32, _ size: UInt32) throws(ArtefactError) {
      guard size > 0, Int(start) + Int(size) <= textSize else {
        throw reader.error("code lies outside of the text")
      }
      ranges.append(start..<start + size)
    }
    for row in functions {
      try add(row.entry, row.entrySize)
      if row.hasGeneric {
        try add(row.generic, row.genericSize)
      } else if row.genericSize != 0 {
        throw reader.error("function has no generic version")
      }
      if row.isSpeculative {
        try add(row.entryStub, UInt32(MachineStubs.entrySize))
      } else if row.hasGeneric || row.frameSize != 0 || row.entryStub != FunctionCode.none {
        throw reader.error("function has no version with deopts")
      }
      guard row.frameSize <= FunctionCode.maximumFrameSize else {
        throw reader.error("function's frame is too large")
      }
    }
    for row in loops { try add(row.entry, row.entrySize) }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    for index in 1..<max(1, ranges.count)
    where ranges[index - 1].upperBound > ranges[index].lowerBound {
      throw reader.error("versions of functions overlap")
    }
  }

  /// Why a function has no optimized code; nil if it has some.
  public func baselineReason(function: Int) -> BaselineReason? {
    if baseline.isEmpty { return nil }
    let index = baseline.partitioningIndex { Int($0.function) >= function }
    guard index < baseline.count, Int(baseline[index].function) == function else { return nil }
    return baseline[index].reason
  }

  private func checkNodes(_ reader: ArtefactReader) throws(ArtefactError) {
    var root = 0
    for (index, node) in inlineNodes.enumerated() {
      if node.parent == InlineNode.root {
        root = index
      } else if Int(node.parent) < root || Int(node.parent) >= index {
        throw reader.error("inlining node \(index) is apart from its parent")
      }
      guard node.parent != InlineNode.root || node.callOffset == 0,
        index - root < TrapPlace.maximumNodeCount
      else { throw reader.error("inlining node \(index) is none") }
    }
  }
}
