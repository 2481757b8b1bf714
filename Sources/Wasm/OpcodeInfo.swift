/// What follows an opcode in the binary. The comments tell where ``Instruction`` keeps it.
public enum ImmediateKind: Sendable, Equatable {
  case none
  case block  // blockType
  case label  // index: relative depth
  case labels  // labels (all targets, the default last)
  case function  // index
  case type  // index
  case typeAndTable  // index: type, index2: table
  case tryTable  // blockType, labels: see ``CatchClause``
  case scope  // index: relative depth of a block, which is not branched to
  case tag  // index
  case types  // index: how many (1 if valid), selectType: the first
  case local  // index
  case global  // index
  case table  // index
  case memory  // index
  case memoryAndMemory  // index: destination, index2: source
  case tableAndTable  // index: destination, index2: source
  case dataAndMemory  // index: data segment, index2: memory
  case elementAndTable  // index: element segment, index2: table
  case data  // index
  case element  // index
  case heapType  // selectType: the reference type
  case i32  // bits, sign-extended to 64
  case i64  // bits
  case f32  // bits, zero-extended
  case f64  // bits
  case v128  // bits, bitsHigh
  case shuffle  // bits, bitsHigh: 16 lane numbers, the first in the lowest byte
  /// index
  case lane(count: Int)
  /// alignment: log2, bits: offset, index: memory
  case memoryArgument(naturalAlignment: Int)
  /// as above, index2: lane, of as many as fit into 16 bytes
  case memoryArgumentAndLane(naturalAlignment: Int)
  /// as a memory argument; validation takes no other alignment than the natural one
  case atomicArgument(naturalAlignment: Int)
  case zero  // a byte that is 0
  case typeAndField  // index: type, index2: field
  case typeAndCount  // index: type, index2: operands
  case typeAndData  // index: type, index2: data segment
  case typeAndElement  // index: type, index2: element segment
  case typeAndType  // index: destination, index2: source
  case cast  // index: relative depth; flags and both heap types are for support of them to read
}

/// Proposals beyond WebAssembly 1.0, by the names the specification's change history uses.
public enum Feature: String, Sendable, CaseIterable {
  case mvp
  case signExtension = "sign-extension"
  case saturatingFloatToInt = "saturating-float-to-int"
  case multiValue = "multi-value"
  case bulkMemory = "bulk-memory"
  case referenceTypes = "reference-types"
  case mutableGlobals = "mutable-globals"
  case extendedConst = "extended-const"
  case simd
  case relaxedSIMD = "relaxed-simd"
  case tailCall = "tail-call"
  case exceptions
  /// The instructions that `try_table` and `throw_ref` replaced.
  case legacyExceptions = "legacy-exceptions"
  case functionReferences = "function-references"
  case multiMemory = "multi-memory"
  case memory64
  /// Memories that agents share.
  case threads
  /// The instructions of the threads proposal, which need no shared memory; named as in `target_features` sections.
  case atomics
  /// Recursion groups and declared supertypes, the part of the garbage collection proposal that function types use; named as in the
  /// specification's section of types.
  case recursiveTypes = "recursive-types"
  case gc
  // Not part of the specification yet, or of another one; known in order to be named.
  case componentModel = "component-model"
  case customPageSizes = "custom-page-sizes"
  case wideArithmetic = "wide-arithmetic"
  case stackSwitching = "stack-switching"
  case customDescriptors = "custom-descriptors"
  case sharedEverythingThreads = "shared-everything-threads"
  case compactImportSection = "compact-import-section"
  case memoryControl = "memory-control"
  case halfPrecision = "half-precision"
  case stringref
}

extension Feature {
  /// The proposal that an opcode behind a prefix belongs to which ``Opcode`` does not have; nil for none. Each by the
  /// binary format in its own overview.
  init?(ofOpcode prefix: UInt8, _ code: UInt32) {
    switch (prefix, code) {
    case (0xFC, 0x12): self = .memoryControl
    case (0xFC, 0x30...0x31), (0xFD, 0x120...0x14F): self = .halfPrecision
    case (0xFB, 0x1F), (0xFE, 0x04), (0xFE, 0x4F...0x71): self = .sharedEverythingThreads
    case (0xFB, 0x20...0x26): self = .customDescriptors
    case (0xFB, 0x80...0xFF): self = .stringref
    default: return nil
    }
  }
}

/// What an instruction does beside taking operands and giving results.
public struct OpcodeEffects: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// A set of bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Contents or size.
  public static let readsMemory = Self(rawValue: 1 << 0)
  /// Stores to a memory, or grows one.
  public static let writesMemory = Self(rawValue: 1 << 1)
  /// Reads a global.
  public static let readsGlobal = Self(rawValue: 1 << 2)
  /// Writes a global.
  public static let writesGlobal = Self(rawValue: 1 << 3)
  /// Entries or size.
  public static let readsTable = Self(rawValue: 1 << 4)
  /// Writes or grows a table.
  public static let writesTable = Self(rawValue: 1 << 5)
  /// Drops a segment.
  public static let dropsSegment = Self(rawValue: 1 << 6)
  /// Whatever the callee does comes on top.
  public static let calls = Self(rawValue: 1 << 7)
  /// May trap.
  public static let mayTrap = Self(rawValue: 1 << 8)
  /// Reads a local.
  public static let readsLocal = Self(rawValue: 1 << 9)
  /// Writes a local.
  public static let writesLocal = Self(rawValue: 1 << 10)
  /// Fields of structures, elements of arrays.
  public static let readsObject = Self(rawValue: 1 << 11)
  /// Writes a field of a heap object.
  public static let writesObject = Self(rawValue: 1 << 12)

  /// What another instance or the host can see.
  public static let writes: Self = [
    .writesMemory, .writesGlobal, .writesTable, .writesObject, .dropsSegment,
  ]
}

/// What an instruction means for the structure and the flow of a body (spec 3.3.8).
public struct ControlRole: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt8
  /// A set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Opens a block that an `end` closes.
  public static let opensBlock = Self(rawValue: 1 << 0)
  /// Ends the first arm of its block, and begins the second.
  public static let dividesBlock = Self(rawValue: 1 << 1)
  /// Closes a block.
  public static let closesBlock = Self(rawValue: 1 << 2)
  /// May go on elsewhere in the function, or leave it.
  public static let mayBranch = Self(rawValue: 1 << 3)
  /// What follows in the block is unreachable.
  public static let neverContinues = Self(rawValue: 1 << 4)
}

/// One decoded row of ``Opcode``.
public struct OpcodeInfo: Sendable {
  /// The row's opcode.
  public let opcode: Opcode
  /// 0 for one-byte opcodes, else one of ``InstructionReader/prefixes``.
  public let prefix: UInt8
  /// The byte, or the number behind the prefix.
  public let code: UInt32
  /// Of the text format (spec 6).
  public let mnemonic: String
  /// What follows the opcode.
  public let immediate: ImmediateKind
  /// Nil where typing depends on context. `nil` inside stands for the memory's address type.
  public let signature: (operands: [ValueType?], results: [ValueType?])?
  /// What it does beside taking and giving operands.
  public let effects: OpcodeEffects
  /// Its part in structured control.
  public let control: ControlRole
  /// What a module that uses it needs.
  public let feature: Feature
}

/// One decoded instruction, and where it stands.
public struct Instruction: Sendable {
  /// What to do.
  public var opcode: Opcode
  /// Bytes from the start of the module: the opcode, and the first byte after the immediates.
  public var offset: Int
  /// Of the instruction, in the module: where the next begins.
  public var end: Int
  /// First index among the immediates.
  public var index: Int = 0
  /// Second index among the immediates.
  public var index2: Int = 0
  /// Of an access, as an exponent of 2.
  public var alignment: Int = 0
  /// A constant's bits, or an access's offset.
  public var bits: UInt64 = 0
  /// Upper half of a 128-bit constant.
  public var bitsHigh: UInt64 = 0
  /// Of instructions that open a block.
  public var blockType: BlockType = .empty
  /// Of a `select` with a type.
  public var selectType: ValueType = .i32
  /// Targets of a br_table, the default last; clauses of a try_table, in a form that ``Instruction/clauses`` reads; empty for all others.
  public var labels: [Int] = []

  /// An instruction without immediates.
  public init(opcode: Opcode, offset: Int, end: Int) {
    self.opcode = opcode
    self.offset = offset
    self.end = end
  }

  /// A 128-bit constant, or the lane numbers of a shuffle.
  public var vector: V128 { V128(low: bits, high: bitsHigh) }

  /// As `init` with `end` at `offset`, the storage of `labels` aside.
  @inline(__always)
  mutating func reset(_ opcode: Opcode, offset: Int) {
    self.opcode = opcode
    self.offset = offset
    end = offset
    index = 0
    index2 = 0
    alignment = 0
    bits = 0
    bitsHigh = 0
    blockType = .empty
    selectType = .i32
    if !labels.isEmpty { labels = [] }
  }
}
