import CLLVM
import Contract
import Wasm

/// One LLVM module under construction, with the types, metadata and intrinsics that translation uses. Confined to one thread.
/// The caller owns the context and must call `dispose` before the context is destroyed.
final class LLVMUnit {
  typealias Value = LLVMValueRef
  typealias Block = LLVMBasicBlockRef
  typealias IRType = LLVMTypeRef

  let context: LLVMContextRef
  let module: LLVMModuleRef
  let builder: LLVMBuilderRef
  let debug: LLVMDIBuilderRef

  let i1, i8, i16, i32, i64, f32, f64, pointer, void: IRType

  private var prototypes: [FunctionType: Prototype] = [:]
  private var intrinsics: [String: (type: IRType, function: Value)] = [:]
  private let tbaaRoot: LLVMMetadataRef
  private var tbaaTags: [String: Value] = [:]
  private let tbaaKind: UInt32
  private let invariantKind: UInt32
  private let profileKind: UInt32
  private let absoluteKind: UInt32
  private let loopKind: UInt32
  private let emptyNode: Value

  init(context: LLVMContextRef, name: String) {
    self.context = context
    module = LLVMModuleCreateWithNameInContext(name, context)
    builder = LLVMCreateBuilderInContext(context)
    debug = LLVMCreateDIBuilder(module)
    i1 = LLVMInt1TypeInContext(context)
    i8 = LLVMInt8TypeInContext(context)
    i16 = LLVMInt16TypeInContext(context)
    i32 = LLVMInt32TypeInContext(context)
    i64 = LLVMInt64TypeInContext(context)
    f32 = LLVMFloatTypeInContext(context)
    f64 = LLVMDoubleTypeInContext(context)
    pointer = LLVMPointerTypeInContext(context, 0)
    void = LLVMVoidTypeInContext(context)

    tbaaKind = Self.metadataKind("tbaa", context)
    invariantKind = Self.metadataKind("invariant.load", context)
    profileKind = Self.metadataKind("prof", context)
    absoluteKind = Self.metadataKind("absolute_symbol", context)
    loopKind = Self.metadataKind("llvm.loop", context)
    var root: [LLVMMetadataRef?] = [Self.string("wasm-pgo", context)]
    tbaaRoot = LLVMMDNodeInContext2(context, &root, 1)
    emptyNode = LLVMMetadataAsValue(context, LLVMMDNodeInContext2(context, nil, 0))

    addFlag("Debug Info Version", 3, LLVMModuleFlagBehaviorWarning)
    addFlag("Dwarf Version", 4, LLVMModuleFlagBehaviorWarning)
    addFlag("PIC Level", 2, LLVMModuleFlagBehaviorWarning)
    // The optimizer must treat functions as replaceable. Otherwise it concludes from a callee's body, whose deopts it considers
    // no-return, that the callee always returns the speculated value.
    addFlag("SemanticInterposition", 1, LLVMModuleFlagBehaviorWarning)
  }

  private func addFlag(_ key: String, _ value: UInt64, _ behavior: LLVMModuleFlagBehavior) {
    LLVMAddModuleFlag(
      module, behavior, key, key.utf8.count, LLVMValueAsMetadata(LLVMConstInt(i32, value, 0)))
  }

  func dispose() {
    disposeTools()
    LLVMDisposeModule(module)
  }

  private func disposeTools() {
    LLVMDisposeDIBuilder(debug)
    LLVMDisposeBuilder(builder)
  }

  /// Moves the contents of `other` into this module, and disposes of `other`.
  func link(_ other: LLVMUnit) throws(CompileError) {
    other.disposeTools()
    guard LLVMLinkModules2(module, other.module) == 0 else {
      throw .llvm("linking two modules of one partition failed")
    }
  }

  // MARK: Constants

  func int32(_ value: UInt32) -> Value { LLVMConstInt(i32, UInt64(value), 0) }
  func int64(_ value: UInt64) -> Value { LLVMConstInt(i64, value, 0) }
  /// The value of a constant of up to 64 bits; nil if it is not a constant.
  func constant(_ value: Value?) -> UInt64? {
    // LLVM's getter reads out of bounds for any other value.
    LLVMIsAConstantInt(value) == nil ? nil : LLVMConstIntGetZExtValue(value)
  }
  func poison(_ type: IRType) -> Value { LLVMGetPoison(type) }
  func zero(_ type: IRType) -> Value { LLVMConstNull(type) }

  // MARK: Metadata

  private static func metadataKind(_ name: String, _ context: LLVMContextRef) -> UInt32 {
    LLVMGetMDKindIDInContext(context, name, UInt32(name.utf8.count))
  }

  private static func string(_ text: String, _ context: LLVMContextRef) -> LLVMMetadataRef? {
    LLVMMDStringInContext2(context, text, text.utf8.count)
  }

  private func node(_ operands: [LLVMMetadataRef?]) -> LLVMMetadataRef {
    var operands = operands
    return LLVMMDNodeInContext2(context, &operands, operands.count)
  }

  private func number(_ value: UInt64, _ type: IRType) -> LLVMMetadataRef {
    LLVMValueAsMetadata(LLVMConstInt(type, value, 0))
  }

  /// Marks an access as one to the memory called `region`. Distinct regions never overlap, unless one is a part of the other.
  func setRegion(_ access: Value, _ region: String) {
    let tag: Value
    if let known = tbaaTags[region] {
      tag = known
    } else {
      let type = regionType(region)
      tag = LLVMMetadataAsValue(context, node([type, type, number(0, i64)]))
      tbaaTags[region] = tag
    }
    LLVMSetMetadata(access, tbaaKind, tag)
  }

  /// Regions that are parts of others.
  private static let wholes = [MemoryChecks.region: MemoryChecks.provenRegion]

  /// Regions share one root: TBAA types with different roots may alias.
  private func regionType(_ region: String) -> LLVMMetadataRef {
    let parent = Self.wholes[region].map { regionType($0) } ?? tbaaRoot
    return node([Self.string(region, context), parent, number(0, i64)])
  }

  /// Whether an access is marked with exactly this region.
  func isInRegion(_ access: Value, _ region: String) -> Bool {
    guard let tag = tbaaTags[region] else { return false }
    return LLVMGetMetadata(access, tbaaKind) == tag
  }

  func setInvariant(_ load: Value) { LLVMSetMetadata(load, invariantKind, emptyNode) }

  /// Inserts a mark at the builder's position, which emits no code: ``FaultRecord``. No memory access moves across it.
  func markFault(_ place: UInt64) {
    let text = FaultRecord.mark(place)
    let type = functionType(void, [])
    let mark = LLVMGetInlineAsm(
      type, text, text.utf8.count, "", 0, 1, 0, LLVMInlineAsmDialectATT, 0)!
    let call = call(type, mark, [])
    for attribute in ["nounwind", "nomerge"] { addCallAttribute(call, enumAttribute(attribute)) }
    addCallAttribute(call, enumAttribute("memory", 0))
  }

  /// The places of a function's marks.
  func faultPlaces(in function: Value) -> [UInt64] {
    let start = FaultRecord.mark(0).dropLast()
    var places: [UInt64] = []
    forEachInstruction(function) { instruction in
      guard LLVMIsACallInst(instruction) != nil, let callee = LLVMGetCalledValue(instruction),
        LLVMIsAInlineAsm(callee) != nil
      else { return }
      var size = 0
      guard let bytes = LLVMGetInlineAsmAsmString(callee, &size) else { return }
      // The string lives as long as the module.
      let text = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size), as: UTF8.self)
      guard text.hasPrefix(start), let place = Int64(text.dropFirst(start.count)) else { return }
      places.append(UInt64(bitPattern: place))
    }
    return places
  }

  /// Sets the weights of a conditional branch or a switch (the default first), scaled to 32 bits.
  func setWeights(_ terminator: Value, _ weights: [UInt64]) {
    let greatest = weights.max() ?? 0
    let shift = max(0, 32 - greatest.leadingZeroBitCount)
    var operands: [LLVMMetadataRef?] = [Self.string("branch_weights", context)]
    for weight in weights { operands.append(number(weight >> UInt64(shift), i32)) }
    LLVMSetMetadata(terminator, profileKind, LLVMMetadataAsValue(context, node(operands)))
  }

  /// The weights of a branch's two successors.
  func weights(_ terminator: Value) -> (UInt64, UInt64)? {
    guard let all = successorWeights(terminator), all.count == 2 else { return nil }
    return (all[0], all[1])
  }

  /// The weights of a terminator's successors, in their order: of a switch, the default first.
  func successorWeights(_ terminator: Value) -> [UInt64]? {
    guard let node = LLVMGetMetadata(terminator, profileKind) else { return nil }
    var operands = [Value?](repeating: nil, count: Int(LLVMGetMDNodeNumOperands(node)))
    LLVMGetMDNodeOperands(node, &operands)
    // The metadata's name, and possibly where the weights come from, are in front of them.
    let weights = operands.suffix(Int(LLVMGetNumSuccessors(terminator)))
    guard weights.count < operands.count else { return nil }
    var result: [UInt64] = []
    for weight in weights {
      guard let weight, LLVMIsAConstantInt(weight) != nil else { return nil }
      result.append(LLVMConstIntGetZExtValue(weight))
    }
    return result
  }

  func setEntryCount(_ function: Value, _ count: UInt64) {
    LLVMGlobalSetMetadata(
      function, profileKind,
      node([Self.string("function_entry_count", context), number(count, i64)])
    )
  }

  /// Declares that a symbol is a number from 0 up to `end`, not an address.
  func setAbsolute(_ global: Value, below end: UInt64) {
    LLVMGlobalSetMetadata(global, absoluteKind, node([number(0, i64), number(end, i64)]))
  }

  /// For a branch that is no longer a back edge.
  func removeLoopIdentity(_ branch: Value) { LLVMSetMetadata(branch, loopKind, nil) }

  /// Sets the identity and options of the loop whose back edge this branch is.
  func setLoopIdentity(_ branch: Value, _ identity: Value) {
    LLVMSetMetadata(branch, loopKind, identity)
  }

  /// Creates a loop identity: a node whose first operand is itself, as LLVM requires, followed by options.
  func makeLoopIdentity(_ options: [String: Bool]) -> Value {
    let itself = LLVMTemporaryMDNode(context, nil, 0)!
    let nodes = options.sorted { $0.key < $1.key }.map { name, value in
      node([Self.string(name, context), number(value ? 1 : 0, i1)])
    }
    let identity = node([itself] + nodes)
    // Disposes of the temporary node.
    LLVMMetadataReplaceAllUsesWith(itself, identity)
    return LLVMMetadataAsValue(context, identity)
  }

  func stringMetadata(_ text: String) -> Value {
    LLVMMetadataAsValue(context, node([Self.string(text, context)]))
  }

  // MARK: Attributes

  func enumAttribute(_ name: String, _ value: UInt64 = 0) -> LLVMAttributeRef {
    LLVMCreateEnumAttribute(
      context, LLVMGetEnumAttributeKindForName(name, name.utf8.count), value)
  }

  func typeAttribute(_ name: String, _ type: IRType) -> LLVMAttributeRef {
    LLVMCreateTypeAttribute(
      context, LLVMGetEnumAttributeKindForName(name, name.utf8.count), type)
  }

  func stringAttribute(_ name: String, _ value: String) -> LLVMAttributeRef {
    LLVMCreateStringAttribute(
      context, name, UInt32(name.utf8.count), value, UInt32(value.utf8.count))
  }

  /// - Parameter index: a parameter counted from 1; nil: the function itself.
  func addAttribute(_ function: Value, _ attribute: LLVMAttributeRef, at index: UInt32? = nil) {
    LLVMAddAttributeAtIndex(function, index ?? Self.functionIndex, attribute)
  }

  func addCallAttribute(_ call: Value, _ attribute: LLVMAttributeRef, at index: UInt32? = nil) {
    LLVMAddCallSiteAttribute(call, index ?? Self.functionIndex, attribute)
  }

  private static let functionIndex = UInt32(bitPattern: Int32(LLVMAttributeFunctionIndex))

  // MARK: Functions

  func functionType(_ result: IRType, _ parameters: [IRType], isVariadic: Bool = false) -> IRType {
    var parameters = parameters.map { Optional($0) }
    return LLVMFunctionType(result, &parameters, UInt32(parameters.count), isVariadic ? 1 : 0)
  }

  /// The LLVM type of wasm functions of a type (``CallingConvention``): the context and the parameters in registers, in order;
  /// results in registers alone or as a struct. LLVM assigns integers and floats to the registers of either list in order,
  /// so a function that uses some of them has them where any other has.
  ///
  ///     (f64, i32) -> (i64, f32)        {i64, float} (ptr, double, i64)
  struct Prototype {
    let type: IRType
    let result: IRType
    let parameters: [CallingConvention.Location]
    let results: [CallingConvention.Location]
    /// How many results are in registers.
    let resultCount: Int
  }

  func prototype(of type: FunctionType) -> Prototype {
    if let known = prototypes[type] { return known }
    func registers(_ types: [ValueType], _ places: [CallingConvention.Location]) -> [IRType] {
      zip(types, places).filter { $1.isRegister }.map { passedType($0.0) }
    }
    let (parameters, results) = (
      CallingConvention.parameters(of: type), CallingConvention.results(of: type)
    )
    let fields = registers(type.results, results)
    var elements = fields.map { Optional($0) }
    let result =
      switch fields.count {
      case 0: void
      case 1: fields[0]
      default: LLVMStructTypeInContext(context, &elements, UInt32(elements.count), 0)!
      }
    let made = Prototype(
      type: functionType(result, [pointer] + registers(type.parameters, parameters)),
      result: result, parameters: parameters, results: results, resultCount: fields.count)
    prototypes[type] = made
    return made
  }

  /// The form in which a value is passed in a register: an i32 zero-extended.
  private func passedType(_ type: ValueType) -> IRType {
    switch type.kind {
    case .i32, .i64, .reference: i64
    case .f32: f32
    case .f64: f64
    case .v128: v128
    }
  }

  /// Returns the function of this name; declares it if necessary.
  func declare(_ name: String, _ type: IRType) -> Value {
    LLVMGetNamedFunction(module, name) ?? LLVMAddFunction(module, name, type)
  }

  /// - Parameter overloads: the types that the intrinsic's name is mangled with.
  func intrinsic(_ name: String, _ overloads: [IRType] = []) -> (type: IRType, function: Value) {
    var key = name
    for type in overloads { key += "#\(UInt(bitPattern: type))" }
    if let known = intrinsics[key] { return known }
    let identifier = LLVMLookupIntrinsicID(name, name.utf8.count)
    precondition(identifier != 0, "LLVM has no intrinsic of this name")
    var types = overloads.map { Optional($0) }
    let found = (
      type: LLVMIntrinsicGetType(context, identifier, &types, types.count)!,
      function: LLVMGetIntrinsicDeclaration(module, identifier, &types, types.count)!
    )
    intrinsics[key] = found
    return found
  }

  func callIntrinsic(_ name: String, _ overloads: [IRType], _ arguments: [Value]) -> Value {
    let (type, function) = intrinsic(name, overloads)
    return call(type, function, arguments)
  }

  // MARK: Instructions

  func call(_ type: IRType, _ function: Value, _ arguments: [Value]) -> Value {
    var arguments = arguments.map { Optional($0) }
    return LLVMBuildCall2(builder, type, function, &arguments, UInt32(arguments.count), "")
  }

  /// A call from wasm code, whose place its backtrace gives (``CallLowering``).
  /// - Parameter invoke: where it continues, if exceptions of it are caught; it ends the block then.
  func call(
    _ type: IRType, _ function: Value, _ arguments: [Value], place: TrapPlace,
    invoke: InvokeEdges? = nil
  ) -> Value {
    let tag = CallLowering.placeTag
    var arguments = arguments.map { Optional($0) }
    var operand: Value? = int64(place.raw)
    var bundle = LLVMCreateOperandBundle(tag, tag.utf8.count, &operand, 1)
    defer { LLVMDisposeOperandBundle(bundle) }
    let count = UInt32(arguments.count)
    let call =
      if let invoke {
        LLVMBuildInvokeWithOperandBundles(
          builder, type, function, &arguments, count, invoke.normal, invoke.unwind, &bundle, 1, "")!
      } else {
        LLVMBuildCallWithOperandBundles(
          builder, type, function, &arguments, count, &bundle, 1, "")!
      }
    // Calls that LLVM merges would have one place.
    addCallAttribute(call, enumAttribute("nomerge"))
    return call
  }

  /// Ends the current block: calls a function of the caller's own type in place of the caller.
  /// - Returns: the call.
  @discardableResult
  func tailCall(_ caller: Value, _ function: Value, _ arguments: [Value]) -> Value {
    let type = LLVMGlobalGetValueType(caller)!
    let call = call(type, function, arguments)
    LLVMSetTailCallKind(call, LLVMTailCallKindMustTail)
    if LLVMGetReturnType(type) == void {
      LLVMBuildRetVoid(builder)
    } else {
      LLVMBuildRet(builder, call)
    }
    return call
  }

  /// `base + offset` bytes.
  func address(_ base: Value, _ offset: Int) -> Value {
    offset == 0 ? base : address(base, int64(UInt64(bitPattern: Int64(offset))))
  }

  func address(_ base: Value, _ offset: Value) -> Value {
    var index: Value? = offset
    return LLVMBuildGEP2(builder, i8, base, &index, 1, "")
  }

  func load(_ type: IRType, _ address: Value, region: String, alignment: UInt32 = 8) -> Value {
    let result = LLVMBuildLoad2(builder, type, address, "")!
    LLVMSetAlignment(result, alignment)
    setRegion(result, region)
    return result
  }

  /// Loads from memory that never changes while any code can read it.
  func loadFixed(_ type: IRType, _ address: Value, alignment: UInt32 = 8) -> Value {
    let result = load(type, address, region: "fixed", alignment: alignment)
    setInvariant(result)
    return result
  }

  func store(_ value: Value, _ address: Value, region: String, alignment: UInt32 = 8) {
    let result = LLVMBuildStore(builder, value, address)!
    LLVMSetAlignment(result, alignment)
    setRegion(result, region)
  }

  func compare(_ predicate: LLVMIntPredicate, _ left: Value, _ right: Value) -> Value {
    LLVMBuildICmp(builder, predicate, left, right, "")
  }

  func appendBlock(_ function: Value, _ name: String = "") -> Block {
    LLVMAppendBasicBlockInContext(context, function, name)
  }

  func position(at block: Block) { LLVMPositionBuilderAtEnd(builder, block) }
  var currentBlock: Block { LLVMGetInsertBlock(builder) }

  /// - Parameter weights: of the true and the false successor.
  @discardableResult
  func branch(
    if condition: Value, _ then: Block, else other: Block, weights: (UInt64, UInt64)? = nil
  ) -> Value {
    let result = LLVMBuildCondBr(builder, condition, then, other)!
    if let weights { setWeights(result, [weights.0, weights.1]) }
    return result
  }

  func addIncoming(_ phi: Value, _ value: Value, _ block: Block) {
    var value: Value? = value
    var block: Block? = block
    LLVMAddIncoming(phi, &value, &block, 1)
  }

  // MARK: Text

  static func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message else { return "" }
    defer { LLVMDisposeMessage(message) }
    return String(cString: message)
  }

  var text: String { Self.take(LLVMPrintModuleToString(module)) }

  /// Nil if the module is well formed, else LLVM's message.
  func verificationFailure() -> String? {
    var message: UnsafeMutablePointer<CChar>?
    let failed = LLVMVerifyModule(module, LLVMReturnStatusAction, &message) != 0
    let text = Self.take(message)
    return failed ? text : nil
  }
}

extension CallingConvention.Location {
  var isRegister: Bool {
    if case .overflow = self { false } else { true }
  }
}
