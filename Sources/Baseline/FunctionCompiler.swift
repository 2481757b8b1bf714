import Contract
import Feedback
import Wasm
import X64

/// Compiles one function. Contains the state only; the extensions emit code, one topic a file.
///
/// Fixed registers: rbx context, r12 memory base, rsp homes, rbp frame. r11, xmm14 and xmm15 are scratch: no value stays live
/// in them between two steps of an emitter. r13…r15 are callee-saved and never used.
struct FunctionCompiler: ~Copyable {
  let module: Module
  let function: Int
  let layout: ContextLayout
  let loopNumbers: [Int: Int]
  let loopPeriod: Int?
  let resumeOffsets: [Int]
  let target: VectorTarget
  let localTypes: [ValueType]
  let slots: SlotLayout
  let frameSize: Int
  let maximumCodeSize: Int

  var assembler: Assembler
  /// Byte offset of the current instruction.
  var byteOffset: Int
  var cursor: FeedbackCursor?
  /// Feedback record of the current instruction.
  var record: Int?

  // MARK: Operand stack
  var stack: [Entry] = []
  /// All entries below this index are in their homes.
  var homeCount = 0
  /// The number of `.local` entries for each local.
  var aliasCounts: [Int32]

  // MARK: Registers
  /// By register: the index of the stack entry that owns it, valid if its bit in `owned` is set.
  var owners = InlineArray<32, Int32>(repeating: 0)
  /// By register: the local whose value it caches, valid if its bit in `cached` is set.
  var cachedLocals = InlineArray<32, Int32>(repeating: 0)
  var owned: UInt32 = 0
  /// Disjoint from `owned`. A cached local's home is always up to date.
  var cached: UInt32 = 0
  /// By local: the register that caches it, or ``noRegister``.
  var localRegisters: [UInt8]
  /// Registers in use by the current instruction.
  var pinned: UInt32 = 0
  var nextVictim: UInt32 = 0
  /// The flags hold an operand: only moves may be emitted before it is used.
  var areFlagsLive = false
  static let noRegister: UInt8 = 0xFF

  // MARK: Control
  var controls: [Control] = []
  var isReachable = true
  /// Depth of nested blocks opened in unreachable code.
  var deadDepth = 0
  let returnLabel: Label
  var exceptionScopes: [ExceptionScope] = []
  var scopeReader: HandlerScopes

  // MARK: Results
  var callSites: [BaselineCallSite] = []
  var entries: [BaselineEntry] = []
  /// Position in `resumeOffsets` of the next one.
  var nextResume = 0
  var locations: [BaselineLocation] = []
  /// Where an instruction leaves the function without its frame.
  var frameExits: [Range<Int>] = []
  /// ``CompiledFunction/lines``, if wanted.
  let recordsLines: Bool
  var lines: [BaselineLocation] = []
  var deferred: [Deferred] = []
  /// By trap code: the tail that the function's traps of this code share.
  var trapTails: [Label?] = []
  var moves: [RegisterMove] = []
  var constants = VectorConstants()

  init(module: Module, function: Int, layout: ContextLayout, options: BaselineOptions) {
    self.module = module
    self.function = function
    self.layout = layout
    loopNumbers = options.loopNumbers
    loopPeriod = options.loopPeriod
    resumeOffsets = options.resumeOffsets
    target = options.target
    recordsLines = options.recordsLines
    localTypes = module.localTypes(ofFunction: function)
    let body = module.functions[function].body
    slots = SlotLayout(module, function: function)
    frameSize = BaselineFrame.frameSize(slots)
    maximumCodeSize = BaselineCompiler.maximumCodeSize(bodySize: body.count)
    assembler = Assembler(capacity: 512 + 6 * body.count)
    byteOffset = body.lowerBound
    scopeReader = HandlerScopes(module, function: function)
    cursor = options.feedback?.cursor(function: function)
    aliasCounts = Array(repeating: 0, count: localTypes.count)
    localRegisters = Array(repeating: Self.noRegister, count: localTypes.count)
    returnLabel = assembler.makeLabel()
    stack.reserveCapacity(32)
    controls.reserveCapacity(16)
  }

  /// - Returns: nil if interrupted.
  mutating func compile(_ isInterrupted: () -> Bool) throws(WasmError) -> CompiledFunction? {
    emitPrologue()
    openFunction()
    // Distance between two polls, in bytes of the body.
    let stretch = 1 << 16
    var nextLook = byteOffset + stretch
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.next() {
      byteOffset = instruction.offset
      record = cursor?.next(instruction)
      try compile(instruction)
      try checkCodeSize()
      if byteOffset >= nextLook {
        if isInterrupted() { return nil }
        nextLook = byteOffset + stretch
      }
    }
    emitDeferred()
    try checkCodeSize()
    emitConstants()
    return CompiledFunction(
      code: assembler.code, callSites: callSites, entries: entries, locations: locations,
      slots: slots, frameExits: frameExits, lines: lines)
  }

  @inline(__always)
  private func checkCodeSize() throws(WasmError) {
    guard assembler.count > maximumCodeSize else { return }
    throw BaselineCompiler.codeIsTooLarge(module, function, at: byteOffset)
  }

  @inline(__always)
  private mutating func compile(_ i: Instruction) throws(WasmError) {
    pinned = 0
    if nextResume < resumeOffsets.count, resumeOffsets[nextResume] <= i.offset {
      passResumeOffset(i)
    }
    guard isReachable else { return skip(i) }
    if recordsLines { recordLine() }
    if areFlagsLive { settleFlags(before: i.opcode) }
    try dispatch(i)
  }

  /// Maps the next machine instruction, which can fault, trap or call, to the current wasm instruction.
  mutating func recordLocation() {
    locations.append(location)
    if recordsLines { recordLine() }
  }

  private mutating func recordLine() {
    if let last = lines.last, last.byteOffset == location.byteOffset { return }
    lines.append(location)
  }

  private var location: BaselineLocation {
    BaselineLocation(
      codeOffset: UInt32(truncatingIfNeeded: assembler.count),
      byteOffset: UInt32(truncatingIfNeeded: byteOffset))
  }

  func unsupported(_ i: Instruction) -> WasmError {
    let info = i.opcode.info
    return WasmError(.unsupported(info.feature), offset: i.offset, "\(info.mnemonic)")
  }
}
