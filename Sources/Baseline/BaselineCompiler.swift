import Contract
import Feedback
import Wasm

/// Single-pass compiler from wasm to x86-64 (SSE4.1 and popcnt assumed: x86-64-v2), in time linear in
/// the body's size.
public enum BaselineCompiler {
  /// - Parameters:
  ///   - module: validated.
  ///   - function: a defined function, in the function index space.
  ///   - layout: of `module`'s contexts.
  /// - Throws: what this compiler does not support, or what exceeds the limits below.
  public static func compile(
    _ module: Module, function: Int, layout: ContextLayout,
    options: BaselineOptions = BaselineOptions()
  ) throws(WasmError) -> CompiledFunction {
    // Nil only if interrupted.
    try compile(module, function: function, layout: layout, options: options) { false }!
  }

  /// - Parameter isInterrupted: asked every now and then: the largest function takes a good part of a second.
  /// - Returns: nil if it was so.
  public static func compile(
    _ module: Module, function: Int, layout: ContextLayout, options: BaselineOptions,
    isInterrupted: () -> Bool
  ) throws(WasmError) -> CompiledFunction? {
    let start = module.functions[function].body.lowerBound
    // Distances within contexts and counters are 32-bit displacements.
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

  /// Locals and operands a function may have: its frame is larger than any stack long before that.
  public static let maximumSlotCount = 1 << 24

  /// Bytes of code a body may become. Ordinary ones double; some that branch with a thousand operands in two
  /// bytes would explode.
  public static func maximumCodeSize(bodySize: Int) -> Int {
    min(1 << 30, 1 << 20 + 100 * bodySize)
  }
}

/// How to compile a function.
public struct BaselineOptions: Sendable {
  /// Counts what a profile records, into `ContextLayout.counters`; nil: no instrumentation.
  public var feedback: FeedbackLayout?
  /// By byte offset of a `loop` in the function: its number in the artefact's loop table. Such loops
  /// test, at each turn, their byte at `ContextLayout.loopRequests`.
  public var loopNumbers: [Int: Int]
  /// From 1 to 255: such loops do not test the byte but count it down, leave when it comes to zero, and set it to this.
  public var loopPeriod: Int?

  /// Plain code, unless told otherwise.
  public init(
    feedback: FeedbackLayout? = nil, loopNumbers: [Int: Int] = [:], loopPeriod: Int? = nil
  ) {
    self.feedback = feedback
    self.loopNumbers = loopNumbers
    self.loopPeriod = loopPeriod
  }
}

/// A `call` or `call_indirect` in compiled code. Offsets count from the start of the code.
public struct BaselineCallSite: Sendable, Equatable {
  /// Bytes from the start of the module to the call's opcode.
  public var byteOffset: Int
  /// Execution may start here with the frame as ``BaselineFrame`` says, all operands of the call in their
  /// homes, rsp, rbp, rbx and r12 set, nothing else in registers.
  public var resumeBefore: Int
  /// The call's return address: its results are where the calling convention puts them.
  public var resumeAfter: Int
}

/// From `codeOffset` to the next location's, code belongs to the instruction at `byteOffset`.
public struct BaselineLocation: Sendable, Equatable {
  /// From the start of the function's code.
  public var codeOffset: UInt32
  /// Bytes from the start of the module to the opcode.
  public var byteOffset: UInt32
}

/// Position-independent machine code that reaches everything through its context.
public struct CompiledFunction: Sendable {
  /// Machine code.
  public var code: [UInt8]
  /// Ascending by `byteOffset`. Calls in unreachable code have none.
  public var callSites: [BaselineCallSite]
  /// Ascending by `codeOffset`. Every instruction that can fault, trap or call has its own.
  public var locations: [BaselineLocation]
  /// Homes of locals and operands in its frames.
  public var slots: SlotLayout
  /// Bytes of a frame from rsp to rbp.
  public var frameSize: Int { BaselineFrame.frameSize(slots) }

  /// The wasm instruction that a machine instruction belongs to.
  /// - Parameter codeOffset: of any byte of a faulting or calling instruction: the address of a fault, or a
  ///   return address minus 1.
  public func byteOffset(at codeOffset: Int) -> Int? {
    var low = 0
    var high = locations.count
    while low < high {
      let middle = (low + high) / 2
      if Int(locations[middle].codeOffset) <= codeOffset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : Int(locations[low - 1].byteOffset)
  }

  /// Where code goes on at a call, from the start of the code; nil if there is no such call.
  public func codeOffset(of resume: ResumePoint) -> Int? {
    guard let site = callSite(at: Int(resume.byteOffset)) else { return nil }
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
