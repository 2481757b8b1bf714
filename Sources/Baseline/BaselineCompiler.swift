import Contract
import Feedback
import Wasm

/// Single-pass compiler from wasm to x86-64 (requires SSE4.1 and popcnt: x86-64-v2). Compile time is linear in the body's size.
public enum BaselineCompiler {
  /// - Parameters:
  ///   - module: must be valid.
  ///   - function: a defined function, in the function index space.
  ///   - layout: the layout of `module`'s contexts.
  /// - Throws: if the function uses an unsupported feature or exceeds the limits below.
  public static func compile(
    _ module: Module, function: Int, layout: ContextLayout,
    options: BaselineOptions = BaselineOptions()
  ) throws(WasmError) -> CompiledFunction {
    // Nil only if interrupted.
    try compile(module, function: function, layout: layout, options: options) { false }!
  }

  /// - Parameter isInterrupted: polled during compilation, since the largest function takes a good part of a second.
  /// - Returns: nil if interrupted.
  public static func compile(
    _ module: Module, function: Int, layout: ContextLayout, options: BaselineOptions,
    isInterrupted: () -> Bool
  ) throws(WasmError) -> CompiledFunction? {
    let start = module.functions[function].body.lowerBound
    // Offsets into contexts and counters are 32-bit displacements.
    guard layout.size <= Int(Int32.max), (options.feedback?.size ?? 0) <= Int(Int32.max) else {
      throw WasmError(
        .limit, offset: start,
        "the module's functions, globals and counters take more than the limit of 2 GiB")
    }
    let slots = SlotLayout(module, function: function).count
    guard slots <= maximumSlotCount else {
      throw WasmError(
        .limit, offset: start,
        "\(module.shownName(function)) has \(slots) locals and operands, the limit is \(maximumSlotCount)"
      )
    }
    var compiler = FunctionCompiler(
      module: module, function: function, layout: layout, options: options)
    return try compiler.compile(isInterrupted)
  }

  static func codeIsTooLarge(_ module: Module, _ function: Int, at byteOffset: Int) -> WasmError {
    let size = module.functions[function].body.count
    return WasmError(
      .limit, offset: byteOffset,
      "\(module.shownName(function)), \(size) bytes, becomes more than "
        + "\(maximumCodeSize(bodySize: size)) bytes of machine code, which is the limit")
  }

  /// Limit on a function's locals and operands. A frame of that size exceeds any stack.
  public static let maximumSlotCount = BaselineTable.maximumSlotCount

  /// Limit on a function's machine code, in bytes. Ordinary bodies double in size. Bodies in which branches of two bytes each
  /// carry a thousand operands would explode.
  public static func maximumCodeSize(bodySize: Int) -> Int {
    min(1 << 30, 1 << 20 + 100 * bodySize)
  }
}

/// How to compile a function.
public struct BaselineOptions: Sendable {
  /// Counts events for a profile in `ContextLayout.counters`; nil: no instrumentation.
  public var feedback: FeedbackLayout?
  /// Numbers in the artefact's loop table, by byte offset of the `loop` in the function. Each iteration of such a loop tests
  /// the loop's byte at `ContextLayout.loopRequests`.
  public var loopNumbers: [Int: Int]
  /// Byte offsets of instructions before which frames may resume, ascending. Before calls they always may.
  public var resumeOffsets: [Int]
  /// From 1 to 255: each iteration decrements the byte instead. At zero, baseline code enters the OSR entry and resets the byte
  /// to this value.
  public var loopPeriod: Int?
  /// What functions with vectors may use.
  public var target: VectorTarget
  /// Whether to note where the code of each instruction starts, for debuggers.
  public var recordsLines: Bool

  /// The defaults compile without instrumentation and OSR.
  public init(
    feedback: FeedbackLayout? = nil, loopNumbers: [Int: Int] = [:], resumeOffsets: [Int] = [],
    loopPeriod: Int? = nil, target: VectorTarget = .least, recordsLines: Bool = false
  ) {
    self.recordsLines = recordsLines
    self.resumeOffsets = resumeOffsets
    self.feedback = feedback
    self.loopNumbers = loopNumbers
    self.loopPeriod = loopPeriod
    self.target = target
  }
}

/// A call in compiled code. Offsets are relative to the start of the code.
public struct BaselineCallSite: Sendable, Equatable {
  /// Byte offset in the module of the call's opcode.
  public var byteOffset: Int
  /// A frame can resume here if it has the layout of ``BaselineFrame``, all operands of the call are in their homes, and rsp,
  /// rbp, rbx and r12 are set. Nothing else is expected in registers.
  public var resumeBefore: Int
  /// The call's return address. Its results are where the calling convention puts them. Nil for a tail call.
  public var resumeAfter: Int?
}

/// A place at which frames may resume before an instruction that is not a call.
public struct BaselineEntry: Sendable, Equatable {
  /// Byte offset of the instruction in the module.
  public var byteOffset: Int
  /// Relative to the start of the code. The frame must have the layout of ``BaselineFrame``, with all locals and operands in
  /// their homes, and rsp, rbp, rbx and r12 set.
  public var codeOffset: Int
}

/// Position-independent machine code. It accesses everything through its context.
public struct CompiledFunction: BaselineMetadata {
  /// Machine code.
  public var code: [UInt8]
  /// Ascending by `byteOffset`. Calls in unreachable code are omitted.
  public var callSites: [BaselineCallSite]
  /// Ascending by `byteOffset`: the reachable ones of ``BaselineOptions/resumeOffsets``.
  public var entries: [BaselineEntry]
  /// Ascending by `codeOffset`. Every instruction that can fault, trap or call has its own.
  public var locations: [BaselineLocation]
  /// The homes of locals and operands in the function's frames.
  public var slots: SlotLayout
  /// Ascending: where the frame is gone already and the next instruction leaves the function. Elsewhere it has the layout of
  /// ``BaselineFrame`` once the prologue has made it (``CodeDescription``).
  public var frameExits: [Range<Int>]
  /// Where the code of each instruction starts, ascending by `codeOffset`; empty unless asked for.
  public var lines: [BaselineLocation]
  /// Size of the machine code.
  public var codeSize: Int { code.count }

  /// The wasm instruction that a machine instruction belongs to (`BaselineMetadata`).
  public func byteOffset(at codeOffset: Int) -> Int? {
    var low = 0
    var high = locations.count
    while low < high {
      let middle = (low + high) / 2
      if Int(locations[middle].codeOffset) <= codeOffset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : Int(locations[low - 1].byteOffset)
  }

  /// The code offset at which a frame resumes; nil if it cannot resume there.
  public func codeOffset(of resume: ResumePoint) -> Int? {
    guard let site = callSite(at: Int(resume.byteOffset)) else {
      guard resume.position == .before else { return nil }
      return entries.first { $0.byteOffset == Int(resume.byteOffset) }?.codeOffset
    }
    return switch resume.position {
    case .before: site.resumeBefore
    case .after: site.resumeAfter
    }
  }

  /// The call at a byte offset of the module; nil if its code is unreachable.
  public func callSite(at byteOffset: Int) -> BaselineCallSite? {
    var low = 0
    var high = callSites.count
    while low < high {
      let middle = (low + high) / 2
      if callSites[middle].byteOffset < byteOffset { low = middle + 1 } else { high = middle }
    }
    guard low < callSites.count, callSites[low].byteOffset == byteOffset else { return nil }
    return callSites[low]
  }
}

extension Module {
  fileprivate func shownName(_ function: Int) -> String {
    functionName(function).map { "function \(function) (\($0))" } ?? "function \(function)"
  }
}
