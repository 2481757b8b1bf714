import Bytes
import Wasm

/// What names a function across builds of a module: a hash of its body, and its place among the functions with an equal one.
public struct FunctionKey: Hashable, Sendable, Comparable {
  /// Hash of type, locals and instructions.
  public var hash: UInt64
  /// Among functions with this hash, in module order, from 0.
  public var ordinal: UInt32

  /// The key of a function.
  public init(hash: UInt64, ordinal: UInt32) {
    self.hash = hash
    self.ordinal = ordinal
  }

  public static func < (a: Self, b: Self) -> Bool { (a.hash, a.ordinal) < (b.hash, b.ordinal) }
}

/// The keys of a module's defined functions.
///
/// The hash leaves out what an edit elsewhere changes: indices of functions, globals and types
/// (their types count instead). Constants stay in, addresses of data among them.
struct ModuleIdentity {
  /// By defined function.
  var keys: [FunctionKey] = []
  /// Hash of the sequence of opcodes: equal shapes have the same instructions at the same ordinals.
  var shapes: [UInt64] = []
  let importedFunctionCount: Int

  init(_ module: Module) {
    importedFunctionCount = module.importedFunctionCount
    var ordinals: [UInt64: UInt32] = [:]
    var hasher = BodyHasher(module)
    for function in module.importedFunctionCount..<module.functions.count {
      let (hash, shape) = hasher.hash(function)
      let ordinal = ordinals[hash, default: 0]
      ordinals[hash] = ordinal + 1
      keys.append(FunctionKey(hash: hash, ordinal: ordinal))
      shapes.append(shape)
    }
  }

  /// Nil for imported functions.
  func key(function: Int) -> FunctionKey? {
    function < importedFunctionCount ? nil : keys[function - importedFunctionCount]
  }
}

private struct BodyHasher {
  let module: Module
  private let types: TypeContents
  /// Of one function, reused.
  private var buffer = ByteWriter()

  init(_ module: Module) {
    self.module = module
    types = TypeContents(module.types)
  }

  mutating func hash(_ index: Int) -> (hash: UInt64, shape: UInt64) {
    buffer.bytes.removeAll(keepingCapacity: true)
    let function = module.functions[index]
    append(type: function.typeIndex)
    for group in function.localGroups {
      buffer.integer(UInt64(group.count))
      types.append(group.type, to: &buffer)
    }
    var shape: UInt64 = 0xCBF2_9CE4_8422_2325
    var reader = InstructionReader(module, function: index)
    while let instruction = try? reader.next() {
      let opcode = opcodeBytes(at: instruction.offset)
      shape = (shape ^ UInt64(opcode[opcode.startIndex])) &* 0x100_0000_01B3
      for byte in opcode.dropFirst() { shape = (shape ^ UInt64(byte)) &* 31 }
      append(instruction, opcode)
    }
    return (StableHash.of(buffer.bytes), shape)
  }

  private mutating func append(_ i: Instruction, _ opcode: ArraySlice<UInt8>) {
    switch i.opcode.immediate {
    case .function, .global, .tag: buffer.raw(opcode)
    case .type, .typeAndTable:
      buffer.raw(opcode)
      append(type: i.index)
    case .block:
      buffer.raw(opcode)
      append(i.blockType)
    case .tryTable:
      buffer.raw(opcode)
      append(i.blockType)
      for clause in i.clauses {
        guard case .label(let label) = clause.target else { continue }
        buffer.byte((clause.tag == nil ? 0 : 1) | (clause.keepsException ? 2 : 0))
        buffer.integer(UInt64(label))
      }
    case .types where i.selectType.typeIndex != nil,
      .heapType where i.selectType.typeIndex != nil:
      buffer.raw(opcode)
      types.append(i.selectType, to: &buffer)
    case .none, .label, .labels, .scope, .types, .local, .table, .memory, .memoryAndMemory,
      .tableAndTable, .dataAndMemory, .elementAndTable, .data, .element, .heapType, .i32, .i64,
      .f32,
      .f64, .v128, .shuffle, .lane, .memoryArgument, .memoryArgumentAndLane, .atomicArgument, .zero,
      .typeAndField, .typeAndCount, .typeAndData, .typeAndElement, .typeAndType, .cast:
      buffer.raw(module.bytes[i.offset..<i.end])
    }
  }

  /// One byte, or a prefix and the number behind it as it is written.
  private func opcodeBytes(at offset: Int) -> ArraySlice<UInt8> {
    guard InstructionReader.prefixes.contains(module.bytes[offset]) else {
      return module.bytes[offset...offset]
    }
    let end = module.bytes[(offset + 1)...].firstIndex { $0 < 0x80 } ?? offset
    return module.bytes[offset...end]
  }

  private mutating func append(_ type: BlockType) {
    switch type {
    case .empty: buffer.byte(0x40)
    case .value(let type): types.append(type, to: &buffer)
    case .type(let index): append(type: index)
    }
  }

  private mutating func append(type index: Int) {
    buffer.raw(types[index])
  }
}
