import CLLVM
import Contract
import Feedback
import Speculation
import Wasm
import X64

// This folder: translates wasm to LLVM IR, one function version at a time.
//
//   PartitionTranslator      state that all functions of a partition share; debug information
//   FunctionTranslator       one version of one function: stacks, locals, prologue. Instructions are in the files `+...`;
//                            `+CallSites` speculates according to the plan, `+Peeling` peels a loop's first iteration
//   LLVMUnit                 the LLVM module under construction
//   LocalLiveness, LoopShapes    analyses of a body before its translation
//   GuardNumbering, GuardSymbols     guards as numbers of the plan, and as symbols in IR

/// Translates one version of one function, including the bodies inlined into it, to LLVM IR.
///
/// The operand stack exists at translation time only; its entries are SSA values. Locals are allocas, which LLVM's SROA
/// promotes. An inlined body is translated in place: it uses the same two stacks and has its own locals, and its outermost
/// label is the continuation in the caller.
final class FunctionTranslator {
  typealias Value = LLVMValueRef
  typealias Block = LLVMBasicBlockRef

  struct Operand {
    var value: Value
    var type: ValueType
    /// Set if the operand is spilled to memory (``spillOperands``); `value` is meaningless then.
    var slot: Value?
  }

  /// An open block, loop, if, or body.
  struct Control {
    enum Kind { case body, block, loop, ifThen, ifElse }
    var kind: Kind
    /// The target of branches, and the phis there that receive their operands.
    var label: Block
    var phis: [Value]
    /// Height of the operand stack below its parameters.
    var height: Int
    var parameters: [ValueType]
    var results: [ValueType]
    /// Whether anything branches to `label`. Not used for loops.
    var isTarget = false
    var elseBlock: Block?
    var elseOperands: [Operand] = []
    /// Whether the else branch leaves for baseline code, so that `elseBlock` is complete.
    var elseIsExit = false
    var peel: Peel?
    /// The scope that gets exceptions thrown in it, an index in `scopes`; nil: the caller.
    var exceptionScope: Int?
    /// The scope that a try makes, and how many of its arms have begun.
    var handlers: Int?
    var armCount = 0
  }

  /// A function body being translated: the function's own, or an inlined copy.
  struct Body {
    /// Within the version's tree.
    var node: Int
    var function: Int
    var localTypes: [ValueType]
    var locals: [Value]
    var controlBase: Int
    var operandBase: Int
    /// Nil if the profile has no data about it.
    var profile: FunctionProfile?
    /// Byte offset of the call in this body that the next inner body replaces.
    var callOffset = 0
    var scopes: HandlerScopes
    /// Whether it is inlined at a tail call, so that its frame takes the place of the one around it.
    var isTail = false
    /// Where the body starts, its parameters set; nil if no tail call can lead here.
    var start: Block?
  }

  let partition: PartitionTranslator
  let unit: LLVMUnit
  let module: Module
  let layout: ContextLayout
  let plan: FunctionPlan
  let version: FunctionVersion
  let tree: InliningTree
  let nodeBase: Int
  /// Empty in code without deopts.
  let guardNumbers: [InliningTree.Site: Int]
  let function: Value
  let signature: LLVMUnit.Signature
  let context: Value
  /// Nil without debug information.
  let debug: FunctionDebug?
  /// Contains allocas only. Its terminator is added last.
  let entryBlock: Block
  /// Code that runs once, before everything else: loads of fixed context fields.
  let setupBlock: Block
  let startBlock: Block

  var bodies: [Body] = []
  var controls: [Control] = []
  var operands: [Operand] = []
  /// Of all blocks that have been opened.
  var scopes: [ExceptionScope] = []
  var isUnreachable = false
  var skippedDepth = 0
  /// Byte offset of the instruction being translated.
  var offset = 0
  var makesCalls = false
  /// For OSR entries only: the `loop` instruction, until translation reaches it, and the block that then leads there instead of
  /// `startBlock`.
  var osrEntryOffset: Int?
  var osrEntryBlock: Block?
  private var memoryBases: [Int: Value] = [:]
  /// Set at the end of a peeled loop's first copy: the position to continue reading from.
  var rewind: InstructionReader?

  init(
    _ partition: PartitionTranslator, unit: LLVMUnit, debugInfo: DebugInfo?, plan: FunctionPlan,
    version: FunctionVersion
  ) throws(CompileError) {
    self.partition = partition
    self.unit = unit
    self.plan = plan
    self.version = version
    module = partition.module
    layout = partition.layout
    tree = version == .entry ? plan.speculative ?? plan.generic : plan.generic
    nodeBase = partition.nodes.base(plan, version)
    guardNumbers = Dictionary(
      uniqueKeysWithValues: tree.guards.enumerated().map { ($0.element, $0.offset) })
    if case .loop(let byteOffset) = version { osrEntryOffset = byteOffset }

    let name = symbolName(function: plan.function, version: version)
    var callees: [FunctionType] = []
    for node in tree.nodes { callees += try partition.tailCallees(ofFunction: node.function) }
    signature = unit.signature(of: module.type(ofFunction: plan.function), tailCalling: callees)
    function = unit.define(name, signature.type)
    context = LLVMGetParam(function, 0)
    debug =
      if let debugInfo { FunctionDebug(debugInfo, module, tree, function) } else { nil }
    entryBlock = unit.appendBlock(function, "entry")
    setupBlock = unit.appendBlock(function, "setup")
    startBlock = unit.appendBlock(function, "start")
  }

  func translate() throws(CompileError) {
    setAttributes()
    let type = module.type(ofFunction: plan.function)
    unit.position(at: startBlock)
    setLocation(node: 0, offset: module.functions[plan.function].body.lowerBound)
    let registers = unit.parameters(of: function, signature)
    let parameters = receive(type.parameters, unit.prototype(of: type).parameters) {
      registers[$0]
    }
    try translateBody(node: 0, arguments: parameters)
    if !isUnreachable { emitReturn(type) }
    // If the loop is in unreachable code, its OSR entry block was never created. Nothing can request that entry.
    emitPrologue(before: osrEntryBlock ?? startBlock)
    unit.position(at: entryBlock)
    LLVMBuildBr(unit.builder, setupBlock)
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
  }

  private func setAttributes() {
    let unit = unit
    unit.addAttribute(function, unit.enumAttribute("uwtable", 2))
    unit.addAttribute(function, unit.stringAttribute("frame-pointer", "all"))
    unit.addAttribute(function, unit.stringAttribute("no-builtins", ""))
    unit.addAttribute(function, unit.stringAttribute("probe-stack", "inline-asm"))
    unit.addAttribute(function, unit.enumAttribute("nonnull"), at: 1)
    unit.addAttribute(
      function, unit.enumAttribute("dereferenceable", UInt64(layout.size)), at: 1)
    LLVMSetGC(function, "statepoint-example")
    if signature.isWide { unit.addAttribute(function, unit.stringAttribute("thunk", "")) }
    guard !partition.profile.functions.isEmpty else { return }
    // Only whether the function was entered. LLVM has no profile summary with which to compare a count.
    unit.setEntryCount(function, min(plan.entryCount, 1))
    unit.addAttribute(function, unit.enumAttribute("hot"))
  }

  /// Emits the stack check. A leaf function with few values stays within the slack below the limit.
  private func emitPrologue(before block: Block) {
    unit.position(at: setupBlock)
    setLocation(node: 0, offset: module.functions[plan.function].body.lowerBound)
    let isSmall = module.maxOperandHeight(ofFunction: plan.function) < 64 && allocaCount < 64
    guard makesCalls || !isSmall else {
      LLVMBuildBr(unit.builder, block)
      return
    }
    let stackPointer = unit.callIntrinsic(
      "llvm.read_register", [unit.i64], [unit.stringMetadata("\(Register.stackPointer)")])
    let limit = unit.loadFixed(unit.i64, unit.address(context, ContextLayout.stackLimit))
    let overflow = unit.appendBlock(function, "overflow")
    unit.branch(
      if: unit.compare(LLVMIntULT, stackPointer, limit), overflow, else: block,
      weights: (0, 1 << 20))
    unit.position(at: overflow)
    bodies = [rootForLocations]
    emitTrap(.stackOverflow)
    bodies = []
  }

  private var rootForLocations: Body {
    Body(
      node: 0, function: plan.function, localTypes: [], locals: [], controlBase: 0, operandBase: 0,
      profile: nil, scopes: HandlerScopes(module, function: plan.function))
  }

  /// The function that LLVM requires where exceptions are caught. Nothing calls it: ``FrameRecord``.
  static let personalityName = "wpgo.personality"

  // MARK: Bodies

  /// Translates the body of a node with these arguments. Falls through with the results on the operand stack, unless the code
  /// after it is unreachable.
  func translateBody(
    node: Int, arguments: [Value], isTail: Bool = false
  ) throws(CompileError) {
    let index = tree.nodes[node].function
    let type = module.type(ofFunction: index)
    var body = Body(
      node: node, function: index, localTypes: module.localTypes(ofFunction: index), locals: [],
      controlBase: controls.count, operandBase: operands.count,
      profile: partition.profile.functions[index],
      scopes: HandlerScopes(module, function: index), isTail: isTail)
    body.locals = makeLocals(body.localTypes, arguments)
    if try !partition.tailCallees(ofFunction: index).isEmpty {
      body.start = startBlock(of: body, parameters: type.parameters.count)
    }
    bodies.append(body)
    let end = unit.appendBlock(function)
    open(
      Control(
        kind: .body, label: end, phis: makePhis(type.results, in: end), height: operands.count,
        parameters: [], results: type.results))
    if isTail { controls[controls.count - 1].exceptionScope = frameScope }
    try translateInstructions(of: index)
    bodies.removeLast()
  }

  private func translateInstructions(of index: Int) throws(CompileError) {
    let base = controls.count - 1
    var reader = InstructionReader(module, function: index)
    while controls.count > base, let instruction = try reader.nextToCompile() {
      offset = instruction.offset
      if isUnreachable {
        skip(instruction)
      } else {
        setLocation(node: bodies[bodies.count - 1].node, offset: offset)
        if instruction.opcode == .loop, try isWorthPeeling(instruction) {
          translatePeeled(instruction, again: reader)
        } else {
          try translate(instruction)
        }
      }
      if let again = rewind {
        reader = again
        rewind = nil
      }
    }
  }

  /// Pushes a construct, whose exceptions go where those of the code around it go.
  func open(_ control: Control) {
    var control = control
    control.exceptionScope = controls.last?.exceptionScope
    controls.append(control)
  }

  private(set) var allocaCount = 0

  func makeAlloca(_ type: ValueType) -> Value {
    allocaCount += 1
    let current = unit.currentBlock
    unit.position(at: entryBlock)
    let result = LLVMBuildAlloca(unit.builder, irType(type), "")!
    unit.position(at: current)
    return result
  }

  private func makeLocals(_ types: [ValueType], _ arguments: [Value]) -> [Value] {
    types.indices.map { index in
      let slot = makeAlloca(types[index])
      LLVMBuildStore(
        unit.builder, index < arguments.count ? arguments[index] : unit.zero(irType(types[index])),
        slot)
      return slot
    }
  }

  func makePhis(_ types: [ValueType], in block: Block) -> [Value] {
    guard !types.isEmpty else { return [] }
    let current = unit.currentBlock
    unit.position(at: block)
    let result = types.map { LLVMBuildPhi(unit.builder, irType($0), "")! }
    unit.position(at: current)
    return result
  }

  // MARK: Operands

  func irType(_ type: ValueType) -> LLVMTypeRef {
    switch type.kind {
    case .i32: unit.i32
    case .f32: unit.f32
    case .f64: unit.f64
    case .i64, .reference: unit.i64
    case .v128: unit.v128
    }
  }

  func push(_ value: Value, _ type: ValueType) {
    operands.append(Operand(value: value, type: type))
  }

  func read(_ operand: Operand) -> Value {
    guard let slot = operand.slot else { return operand.value }
    return LLVMBuildLoad2(unit.builder, irType(operand.type), slot, "")
  }

  func pop() -> Value {
    let operand = operands.removeLast()
    return read(operand)
  }

  /// Pops the top `count` operands; the lowest comes first.
  func popAll(_ count: Int) -> [Value] {
    let result = operands.suffix(count).map { read($0) }
    operands.removeLast(count)
    return result
  }

  func peekAll(_ count: Int) -> [Value] { operands.suffix(count).map { read($0) } }

  func pushAll(_ values: [Value], _ types: [ValueType]) {
    for (value, type) in zip(values, types) { push(value, type) }
  }

  // MARK: Locations

  /// Sets the debug location of the following instructions.
  func setLocation(node: Int, offset: Int) {
    guard let debug else { return }
    LLVMSetCurrentDebugLocation2(unit.builder, debug.location(node: node, byteOffset: offset))
  }

  /// The place of the current instruction, as a trap reports it.
  var place: TrapPlace { place(node: bodies[bodies.count - 1].node, offset: offset) }

  func place(node: Int, offset: Int) -> TrapPlace {
    TrapPlace(
      definedFunction: plan.function - module.importedFunctionCount,
      isSpeculative: version == .entry && plan.speculative != nil,
      location: CodeLocation(node: UInt32(node), byteOffset: UInt32(offset)))
  }

  // MARK: Context

  func field(_ offset: Int) -> Value { unit.address(context, offset) }

  /// Loads a fixed field where it is needed. LLVM hoists and merges such loads.
  func fixedField(_ offset: Int, _ type: LLVMTypeRef) -> Value {
    unit.loadFixed(type, field(offset))
  }

  /// Address of a memory's first byte, loaded once in the setup block.
  func base(ofMemory index: Int) -> Value {
    if let known = memoryBases[index] { return known }
    let current = unit.currentBlock
    unit.position(at: setupBlock)
    defer { unit.position(at: current) }
    let base = fixedField(layout.memories[index].base, unit.pointer)
    memoryBases[index] = base
    return base
  }
}
