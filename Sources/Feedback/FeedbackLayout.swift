import Wasm

/// Where the counters of a module's instructions lie in the counters area
/// (`ContextLayout.counters`). Follows from the module alone, so that instrumented code, the recorder and
/// a later reader of the file agree. All records are multiples of 8 bytes; counts are u64:
///
///     function     entries
///     loop         back-edges taken, but for those by br_if, which their own records count
///     if, br_if, br_on_…    taken (`if`: the condition held)
///     br_table     one for each label, the default last
///     call_indirect, call_ref    see ``TargetRecord``
///
/// The other counts of a profile follow from these: see ``ExecutionCounts``.
/// Tail forms have the records of the calls they stand for. A function's records are contiguous, its entry first, then its
/// instructions in their order, dead code included. Imported functions have none.
public struct FeedbackLayout: Sendable {
  /// Bytes of the whole area.
  public let size: Int
  /// By defined function: offset of its first record, then one more: `size`.
  private let bases: [Int]
  private let importedFunctionCount: Int

  /// The layout for a validated module.
  public init(_ module: Module) {
    var bases: [Int] = []
    bases.reserveCapacity(module.functions.count - module.importedFunctionCount + 1)
    var offset = 0
    for function in module.importedFunctionCount..<module.functions.count {
      bases.append(offset)
      offset += 8
      var reader = InstructionReader(module, function: function)
      // A valid module's bodies decode; what follows an error could never have been compiled.
      while let instruction = try? reader.next() {
        offset += FeedbackRecord(instruction)?.size ?? 0
      }
    }
    bases.append(offset)
    self.bases = bases
    size = offset
    importedFunctionCount = module.importedFunctionCount
  }

  /// A cursor in front of the body of `function`, which must be defined in the module.
  public func cursor(function: Int) -> FeedbackCursor {
    FeedbackCursor(entry: bases[function - importedFunctionCount])
  }

  /// Byte range of a defined function's records.
  public func records(function: Int) -> Range<Int> {
    bases[function - importedFunctionCount]..<bases[function - importedFunctionCount + 1]
  }
}

/// Walks the records of one function along with its instructions.
public struct FeedbackCursor: Sendable {
  /// Byte offset of the function's entry count.
  public let entry: Int
  private var nextOffset: Int

  init(entry: Int) {
    self.entry = entry
    nextOffset = entry + 8
  }

  /// To be called for every instruction of the body in order, dead code included.
  /// - Returns: Byte offset of the instruction's record, nil if it has none.
  public mutating func next(_ instruction: Instruction) -> Int? {
    guard let record = FeedbackRecord(instruction) else { return nil }
    defer { nextOffset += record.size }
    return nextOffset
  }
}

/// The kinds of records.
public enum FeedbackRecord: Sendable, Equatable {
  case loop
  case branch
  case branchTable(labelCount: Int)
  case call
  case targets

  /// Nil for instructions that are not counted.
  public init?(_ instruction: Instruction) {
    let opcode = instruction.opcode
    switch instruction.callee {
    case .function: self = .call
    case .table, .reference: self = .targets
    case nil:
      switch instruction.targets {
      case .label where !opcode.control.contains(.neverContinues): self = .branch
      case .labels(let labels): self = .branchTable(labelCount: labels.count)
      case .none where opcode == .loop: self = .loop
      case .none where opcode == .if: self = .branch
      case .none, .label, .handlers: return nil
      }
    }
  }

  /// Bytes.
  public var size: Int {
    switch self {
    case .call: 0
    case .loop, .branch: 8
    case .branchTable(let labelCount): 8 * labelCount
    case .targets: TargetRecord.size
    }
  }
}

/// What an indirect call site was seen to call: four slots of a key and a count, filled in the order in which targets
/// first appear, then the count of calls to other functions of this instance, and that of calls to
/// functions of other instances, of the host, or imported. The first slot's count is not kept: it is what the others leave of
/// the site's executions.
///
/// A key is the distance of the function's reference from `ContextLayout.funcRefs - FuncRefLayout.size`, which
/// compiled code gets by one subtraction: ``referenceSize`` × (function index + 1). 0 is an empty slot.
public enum TargetRecord {
  /// Targets with a slot of their own.
  public static let slotCount = CallSiteFeedback.maximumTargets
  /// Offset of a slot's key.
  public static func key(_ slot: Int) -> Int { 16 * slot }
  /// Offset of a slot's count.
  public static func count(_ slot: Int) -> Int { 16 * slot + 8 }
  /// Offset of the count of other targets of this instance.
  public static let otherCount = 64
  /// Offset of the count of targets of others.
  public static let foreignCount = 72
  /// Bytes of a record.
  public static let size = 80

  /// `FuncRefLayout.size`, which this module cannot see; a test compares them.
  package static let referenceSize: UInt64 = 32

  /// The key of a function by its index.
  public static func key(function: Int) -> UInt64 { referenceSize * (UInt64(function) + 1) }

  /// Nil for what is not the key of one of `functionCount` functions.
  public static func function(key: UInt64, functionCount: Int) -> Int? {
    let (number, rest) = key.quotientAndRemainder(dividingBy: referenceSize)
    guard rest == 0, number >= 1, number <= UInt64(functionCount) else { return nil }
    return Int(number) - 1
  }
}
