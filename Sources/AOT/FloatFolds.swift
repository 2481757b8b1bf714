import CLLVM
import Wasm

/// Where LLVM 19 does with floats what WebAssembly does not allow, and what is done about it: all in this file, and all tested by
/// FloatTests and by random expressions (`wasm-pgo-fuzz floats`).
///
/// **Signalling NaNs.** Arithmetic on a NaN gives a quiet one (spec 4.3.3). LLVM may leave a NaN as it is (its language reference,
/// "Behavior of Floating-Point NaN values"; issue 97837), and folds `x * 1`, `x / 1`, `x + -0`, `x - 0`, `-0 - x`, `x * -1` and
/// `fptrunc (fpext x)` to x or -x. Such constants come from inlining, unrolling and forwarded stores, at any time.
///
/// **Zeros and NaNs of selects.** Of `select (fcmp x, 0), ...`, InstCombine makes a minimum or maximum whose zero may have the other
/// sign, or an fabs that changes a NaN's sign: issues 157254 (with a cast), 141017 (two zeros), 113989 and 136646
/// (`x <= 0 ? 0 - x : x`). SelectionDAG does it with unordered compares: 93414.
///
/// So from the first pass on (``hide``), a constant that these folds look for is one that LLVM does not know, and an operand that they
/// may leave over is multiplied by 1. Both before code generation (``reveal``) are what they were wherever nothing can
/// be folded any more, which is nearly everywhere: an operation makes its operands quiet itself, and a compare does not mind.
///
///     %r = fmul float %x, 1.0            ; x may signal
///     %r = fmul float %x, %one           ; %one = llvm.arithmetic.fence(1.0), in the entry block; and stays
///
///     %r = fadd float %x, %sum           ; %sum = phi [-0.0, ...], [%r, ...]
///     %q = fmul float %x, %one
///     %r = fadd float %q, %sum           ; at the end %x again, unless %sum is -0.0 by then
///
///     %c = fcmp olt float %x, 0.0
///     %c = fcmp olt float %x, %zero      ; at the end 0.0 again
///
/// **Crash.** `foldMinimumMaximumSharedOp` takes any intrinsic beside a minimum of the same operands for one of four and jumps
/// into nowhere (pull request 173705): no copysign intrinsic is made (``FunctionTranslator/copysign``).
///
/// **Minimum and maximum** of a signalling NaN are what LLVM likes: ``FunctionTranslator/extremum``.
struct FloatFolds {
  let unit: LLVMUnit

  /// Hides constants and operands. Locals must be values by now.
  func hide() { for function in functions { FloatHiding(unit, function).run() } }

  /// Takes back what ``hide`` did, where it can.
  func reveal() { FloatRevealing(unit: unit).run() }

  private var functions: [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var function = LLVMGetFirstFunction(unit.module)
    while let current = function {
      if LLVMIsDeclaration(current) == 0 { result.append(current) }
      function = LLVMGetNextFunction(current)
    }
    return result
  }
}

// MARK: Values

/// Numbers that folds look for.
private struct Neutral: OptionSet {
  var rawValue: UInt8
  static let zero = Neutral(rawValue: 1)
  static let minusZero = Neutral(rawValue: 2)
  /// Of either sign.
  static let one = Neutral(rawValue: 4)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// For an operand of an operation: what makes LLVM take the other one, or its negation, for the result.
  /// - Parameter knowsZero: whether LLVM may know that the other one is not -0. Then the other zero does it, too.
  static func of(_ opcode: LLVMOpcode, operand: UInt32, knowsZero: Bool = true) -> Neutral {
    switch (opcode, operand) {
    case (LLVMFAdd, _): knowsZero ? [.minusZero, .zero] : .minusZero
    case (LLVMFSub, 0): .minusZero
    case (LLVMFSub, _): knowsZero ? [.minusZero, .zero] : .zero
    case (LLVMFMul, _), (LLVMFDiv, 1): .one
    default: []
    }
  }

  /// For an operand of a compare. Of a value that equals 1, LLVM makes 1.
  static func of(_ predicate: LLVMRealPredicate) -> Neutral {
    switch predicate {
    case LLVMRealOEQ, LLVMRealONE, LLVMRealUEQ, LLVMRealUNE: [.zero, .minusZero, .one]
    case LLVMRealORD, LLVMRealUNO, LLVMRealPredicateTrue, LLVMRealPredicateFalse: []
    default: [.zero, .minusZero]
    }
  }

  /// Of a number's bits.
  init(bits: UInt64, isDouble: Bool) {
    let sign: UInt64 = isDouble ? 1 << 63 : 1 << 31
    let one: UInt64 = isDouble ? 0x3FF0 << 48 : 0x3F80 << 16
    switch isDouble ? bits : bits & 0xFFFF_FFFF {
    case 0: self = .zero
    case sign: self = .minusZero
    case one, one | sign: self = .one
    default: self = []
    }
  }
}

extension LLVMUnit {
  fileprivate func isFloat(_ type: IRType) -> Bool { type == f32 || type == f64 }

  /// Of a constant that is a float.
  fileprivate func floatBits(_ value: Value) -> UInt64? {
    guard LLVMIsAConstantFP(value) != nil else { return nil }
    return constant(LLVMConstBitCast(value, LLVMTypeOf(value) == f64 ? i64 : i32))
  }

  fileprivate func isSignalling(_ constant: Value) -> Bool {
    guard let bits = floatBits(constant) else { return false }
    return LLVMTypeOf(constant) == f64
      ? Double(bitPattern: bits).isSignalingNaN : Float(bitPattern: UInt32(bits)).isSignalingNaN
  }

  fileprivate func isOne(_ constant: Value) -> Bool {
    constant == LLVMConstReal(LLVMTypeOf(constant), 1)
  }

  /// What a constant is for folds; nil if it is none. Of a vector, what any element is.
  fileprivate func neutral(_ value: Value) -> Neutral? {
    if let bits = floatBits(value) {
      return Neutral(bits: bits, isDouble: LLVMTypeOf(value) == f64)
    }
    guard LLVMIsAConstant(value) != nil, LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind
    else { return nil }
    var result: Neutral = []
    for index in 0..<LLVMGetVectorSize(LLVMTypeOf(value)) {
      if let element = LLVMGetAggregateElement(value, index), let one = neutral(element) {
        result.formUnion(one)
      }
    }
    return result
  }

  /// The number of an intrinsic that is called; 0 if none is.
  fileprivate func intrinsicID(_ value: Value) -> UInt32 {
    guard LLVMIsACallInst(value) != nil, let callee = LLVMGetCalledValue(value),
      LLVMIsAFunction(callee) != nil
    else { return 0 }
    return LLVMGetIntrinsicID(callee)
  }

  fileprivate func operands(_ value: Value) -> [Value] {
    if LLVMIsAPHINode(value) != nil {
      return (0..<LLVMCountIncoming(value)).map { LLVMGetIncomingValue(value, $0) }
    }
    let count = LLVMIsACallInst(value) == nil ? LLVMGetNumOperands(value) : 1
    return (0..<UInt32(count)).map { LLVMGetOperand(value, $0) }
  }

  fileprivate static func id(_ name: String) -> UInt32 {
    LLVMLookupIntrinsicID(name, name.utf8.count)
  }
}

private enum Intrinsic {
  static let fence = LLVMUnit.id(fenceName)
  static let fenceName = "llvm.arithmetic.fence"
  static let abs = LLVMUnit.id("llvm.fabs")
  static let minimum = LLVMUnit.id("llvm.minimum")
  static let maximum = LLVMUnit.id("llvm.maximum")
}

// MARK: Hiding

/// One function's.
private final class FloatHiding {
  typealias Value = LLVMValueRef

  private let unit: LLVMUnit
  private let function: Value
  private var arithmetic: [Value] = []
  private var compares: [Value] = []
  private var extensions: [Value] = []
  private var hasTruncation = false
  /// What loads may give, by stores that LLVM forwards to them.
  private var stored: Neutral = []
  /// Whether that may be any other number.
  private var storesNumber = false
  private var hidden: [Value: Value] = [:]
  /// Values that a question looks at, at most: beyond, the answer is yes.
  private static let effort = 40

  init(_ unit: LLVMUnit, _ function: Value) {
    self.unit = unit
    self.function = function
  }

  func run() {
    var stores: [Value] = []
    var block = LLVMGetFirstBasicBlock(function)
    while let current = block {
      var instruction = LLVMGetFirstInstruction(current)
      while let one = instruction {
        switch LLVMGetInstructionOpcode(one) {
        case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: arithmetic.append(one)
        case LLVMFCmp: compares.append(one)
        case LLVMFPExt: extensions.append(one)
        case LLVMFPTrunc: hasTruncation = true
        case LLVMStore: stores.append(LLVMGetOperand(one, 0))
        default: break
        }
        instruction = LLVMGetNextInstruction(one)
      }
      block = LLVMGetNextBasicBlock(current)
    }
    if arithmetic.isEmpty && compares.isEmpty && extensions.isEmpty { return }
    for value in stores { note(stored: value) }
    // Where zeros that are chosen may become others: beside conversions, and beside `0 - x`.
    let areZerosAtRisk =
      hasTruncation || !extensions.isEmpty
      || arithmetic.contains { one in
        LLVMGetInstructionOpcode(one) == LLVMFSub
          && anyOrigin(LLVMGetOperand(one, 0)) { unit.neutral($0) == .zero }
      }
    arithmetic.forEach(hide(operandsOf:))
    for compare in compares { hide(compare, areZerosAtRisk: areZerosAtRisk) }
    if hasTruncation {
      for one in extensions where maySignal(LLVMGetOperand(one, 0)) {
        multiply(0, of: one)
      }
    }
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
  }

  private func hide(operandsOf instruction: Value) {
    let operands = [LLVMGetOperand(instruction, 0)!, LLVMGetOperand(instruction, 1)!]
    guard operands[0] != operands[1] else { return }
    for index in 0..<2 {
      let other = operands[1 - index]
      let neutral = Neutral.of(
        LLVMGetInstructionOpcode(instruction), operand: UInt32(index), knowsZero: !isPlain(other))
      guard !neutral.isEmpty, maySignal(other) else { continue }
      if let number = unit.neutral(operands[index]) {
        guard !number.isDisjoint(with: neutral) else { continue }
        LLVMSetOperand(instruction, UInt32(index), hidden(operands[index]))
      } else if mayBe(neutral, operands[index]) {
        multiply(UInt32(1 - index), of: instruction)
      }
    }
  }

  private func hide(_ compare: Value, areZerosAtRisk: Bool) {
    let neutral = Neutral.of(LLVMGetFCmpPredicate(compare))
    guard !neutral.isEmpty else { return }
    let operands = [LLVMGetOperand(compare, 0)!, LLVMGetOperand(compare, 1)!]
    // An integer is neither NaN nor -0.
    guard !operands.contains(where: isInteger) else { return }
    for index in 0..<2 {
      if let number = unit.neutral(operands[index]) {
        guard !number.isDisjoint(with: neutral) else { continue }
        LLVMSetOperand(compare, UInt32(index), hidden(operands[index]))
      } else if mayBe(areZerosAtRisk ? neutral : neutral.intersection(.one), operands[index]) {
        multiply(UInt32(index), of: compare)
      }
    }
  }

  /// The constant as LLVM does not know it.
  private func hidden(_ constant: Value) -> Value {
    if let known = hidden[constant] { return known }
    LLVMPositionBuilderBefore(
      unit.builder, LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function)))
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    let result = unit.callIntrinsic(Intrinsic.fenceName, [LLVMTypeOf(constant)], [constant])
    hidden[constant] = result
    return result
  }

  private func multiply(_ index: UInt32, of instruction: Value) {
    let operand = LLVMGetOperand(instruction, index)!
    let one = hidden(LLVMConstReal(LLVMTypeOf(operand), 1))
    LLVMPositionBuilderBefore(unit.builder, instruction)
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(instruction))
    LLVMSetOperand(instruction, index, LLVMBuildFMul(unit.builder, operand, one, ""))
  }

  // MARK: Questions

  /// Whether LLVM knows nothing of a value, not even by a compare.
  private func isPlain(_ value: Value) -> Bool {
    guard LLVMIsALoadInst(value) != nil || LLVMIsAExtractElementInst(value) != nil else {
      return false
    }
    var use = LLVMGetFirstUse(value)
    while let current = use {
      if LLVMIsAFCmpInst(LLVMGetUser(current)) != nil { return false }
      use = LLVMGetNextUse(current)
    }
    return true
  }

  private func isInteger(_ value: Value) -> Bool {
    guard LLVMIsAInstruction(value) != nil else { return false }
    let opcode = LLVMGetInstructionOpcode(value)
    return opcode == LLVMSIToFP || opcode == LLVMUIToFP
  }

  /// Asks `test` about all that a value may be a copy of, but for its sign, until one is true.
  private func anyOrigin(_ value: Value, _ test: (Value) -> Bool) -> Bool {
    var known: Set<Value> = [value]
    var waiting = [value]
    while let next = waiting.popLast() {
      guard known.count < Self.effort else { return true }
      switch LLVMIsAInstruction(next) == nil ? LLVMUnreachable : LLVMGetInstructionOpcode(next) {
      case LLVMPHI, LLVMFNeg:
        waiting += unit.operands(next).filter { known.insert($0).inserted }
      case LLVMSelect:
        waiting += unit.operands(next).dropFirst().filter { known.insert($0).inserted }
      case LLVMCall where unit.intrinsicID(next) == Intrinsic.abs:
        waiting += unit.operands(next).filter { known.insert($0).inserted }
      default:
        if test(next) { return true }
      }
    }
    return false
  }

  /// Whether a value may be a signalling NaN, where nothing of what makes it is folded away.
  private func maySignal(_ value: Value) -> Bool {
    anyOrigin(value) { [unit] origin in
      if LLVMIsAConstantFP(origin) != nil { return unit.isSignalling(origin) }
      if LLVMIsAArgument(origin) != nil { return true }
      guard LLVMIsAInstruction(origin) != nil else { return false }
      switch LLVMGetInstructionOpcode(origin) {
      case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv, LLVMFPExt, LLVMFPTrunc, LLVMSIToFP, LLVMUIToFP:
        return false
      case LLVMCall: return unit.intrinsicID(origin) == 0
      default: return true
      }
    }
  }

  /// Whether LLVM may come to know that a value is one of these, on some way to it.
  private func mayBe(_ neutral: Neutral, _ value: Value) -> Bool {
    if neutral.isEmpty { return false }
    return anyOrigin(value) { [unit, stored] origin in
      if let number = unit.neutral(origin) { return !number.isDisjoint(with: neutral) }
      guard LLVMIsAInstruction(origin) != nil else { return false }
      if LLVMIsALoadInst(origin) != nil { return !stored.isDisjoint(with: neutral) }
      let mayLoad = storesNumber || !stored.isDisjoint(with: neutral)
      return mayBeKnown(origin, mayLoad: mayLoad, depth: 4)
    }
  }

  /// Whether LLVM may come to know a value.
  /// - Parameter mayLoad: whether loads may give what it takes.
  private func mayBeKnown(_ value: Value, mayLoad: Bool, depth: Int) -> Bool {
    if LLVMIsAConstant(value) != nil { return true }
    guard LLVMIsAInstruction(value) != nil else { return false }
    guard depth > 0 else { return true }
    func any(_ values: some Sequence<Value>) -> Bool {
      values.contains { mayBeKnown($0, mayLoad: mayLoad, depth: depth - 1) }
    }
    let operands = unit.operands(value)
    switch LLVMGetInstructionOpcode(value) {
    case LLVMPHI: return any(operands)
    case LLVMSelect: return any(operands.dropFirst())
    case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv, LLVMFNeg, LLVMFPExt, LLVMFPTrunc:
      return operands.allSatisfy { mayBeKnown($0, mayLoad: mayLoad, depth: depth - 1) }
    case LLVMLoad: return mayLoad
    case LLVMCall:
      // A minimum with a constant may be that constant.
      let id = unit.intrinsicID(value)
      return id == Intrinsic.minimum || id == Intrinsic.maximum || id != 0 && any(operands)
    case LLVMExtractElement, LLVMExtractValue: return false
    default: return true
    }
  }

  // MARK: Stores

  private func note(stored value: Value) {
    let type = LLVMTypeOf(value)!
    if unit.isFloat(type) {
      for one: Neutral in [.zero, .minusZero, .one] where mayBe(one, value) {
        stored.formUnion(one)
      }
      if let bits = unit.floatBits(value) {
        note(bits, isDouble: type == unit.f64)
      } else {
        storesNumber = storesNumber || mayBeKnown(value, mayLoad: false, depth: 4)
      }
    } else if let bits = unit.constant(value), type == unit.i32 || type == unit.i64 {
      for half in [bits, bits >> 32].prefix(type == unit.i64 ? 2 : 1) {
        note(half & 0xFFFF_FFFF, isDouble: false)
      }
      if type == unit.i64 { note(bits, isDouble: true) }
    }
  }

  /// Integers that are stored are seldom near 1 as floats; nothing near 1 comes of the others.
  private func note(_ bits: UInt64, isDouble: Bool) {
    stored.formUnion(Neutral(bits: bits, isDouble: isDouble))
    let number = isDouble ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(bits)))
    if (0x1p-64...0x1p64).contains(number.magnitude) { storesNumber = true }
  }
}

// MARK: Revealing

private struct FloatRevealing {
  typealias Value = LLVMValueRef

  let unit: LLVMUnit

  func run() {
    for type in [unit.f32, unit.f64] {
      for fence in fences(type) {
        let constant = LLVMGetOperand(fence, 0)!
        if unit.isOne(constant) {
          for product in products(fence) { reveal(product) }
        }
        for (user, index) in uses(fence) where LLVMIsAFCmpInst(user) != nil {
          LLVMSetOperand(user, index, splat(constant, LLVMTypeOf(LLVMGetOperand(user, index))))
        }
        for splat in splats(fence) where LLVMGetFirstUse(splat) == nil {
          let insertion = LLVMGetOperand(splat, 0)!
          LLVMInstructionEraseFromParent(splat)
          if LLVMGetFirstUse(insertion) == nil { LLVMInstructionEraseFromParent(insertion) }
        }
        if LLVMGetFirstUse(fence) == nil { LLVMInstructionEraseFromParent(fence) }
      }
    }
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    hideChosenZeros()
  }

  private func fences(_ type: LLVMTypeRef) -> [Value] {
    let name = "\(Intrinsic.fenceName).\(type == unit.f32 ? "f32" : "f64")"
    guard let function = LLVMGetNamedFunction(unit.module, name) else { return [] }
    return users(function)
  }

  private func users(_ value: Value) -> [Value] { directUses(value).map(\.user) }

  private func directUses(_ value: Value) -> [(user: Value, index: UInt32)] {
    var result: [(Value, UInt32)] = []
    var known: Set<Value> = []
    var use = LLVMGetFirstUse(value)
    while let current = use {
      let user = LLVMGetUser(current)!
      if known.insert(user).inserted {
        for index in 0..<UInt32(LLVMGetNumOperands(user)) where LLVMGetOperand(user, index) == value
        {
          result.append((user, index))
        }
      }
      use = LLVMGetNextUse(current)
    }
    return result
  }

  /// Vectors all of whose elements are the value.
  private func splats(_ value: Value) -> [Value] {
    users(value).filter { LLVMIsAInsertElementInst($0) != nil }.flatMap(users).filter { vector in
      LLVMIsAShuffleVectorInst(vector) != nil
        && (0..<LLVMGetNumMaskElements(vector)).allSatisfy { LLVMGetMaskValue(vector, $0) == 0 }
    }
  }

  /// Also those of its splats.
  private func uses(_ fence: Value) -> [(user: Value, index: UInt32)] {
    ([fence] + splats(fence)).flatMap(directUses)
  }

  private func splat(_ constant: Value, _ type: LLVMTypeRef) -> Value {
    guard LLVMGetTypeKind(type) == LLVMVectorTypeKind else { return constant }
    var elements = [LLVMValueRef?](
      repeating: constant, count: Int(LLVMGetVectorSize(type)))
    return LLVMConstVector(&elements, UInt32(elements.count))
  }

  // MARK: Unordered compares

  /// Hides zeros in unordered compares that choose between floats (issue 93414).
  private func hideChosenZeros() {
    var function = LLVMGetFirstFunction(unit.module)
    while let current = function {
      var block = LLVMGetFirstBasicBlock(current)
      while let one = block {
        var instruction = LLVMGetFirstInstruction(one)
        while let compare = instruction {
          if isUnorderedChoice(compare) { hideZeros(of: compare) }
          instruction = LLVMGetNextInstruction(compare)
        }
        block = LLVMGetNextBasicBlock(one)
      }
      function = LLVMGetNextFunction(current)
    }
  }

  private func isUnorderedChoice(_ value: Value) -> Bool {
    guard LLVMIsAFCmpInst(value) != nil else { return false }
    let predicate = LLVMGetFCmpPredicate(value)
    return (predicate == LLVMRealUGT || predicate == LLVMRealULT)
      && users(value).contains { LLVMIsASelectInst($0) != nil }
  }

  private func hideZeros(of compare: Value) {
    for index: UInt32 in 0..<2 {
      let operand = LLVMGetOperand(compare, index)!
      guard let number = unit.neutral(operand), !number.isDisjoint(with: [.zero, .minusZero])
      else { continue }
      LLVMPositionBuilderBefore(unit.builder, compare)
      let hidden = unit.callIntrinsic(Intrinsic.fenceName, [LLVMTypeOf(operand)], [operand])
      LLVMSetOperand(compare, index, hidden)
    }
  }

  // MARK: Products with 1

  private func products(_ one: Value) -> [Value] {
    uses(one).filter { LLVMIsAInstruction($0.user) != nil }
      .filter { LLVMGetInstructionOpcode($0.user) == LLVMFMul }.map(\.user)
  }

  private func isOne(_ value: Value) -> Bool {
    if LLVMIsAShuffleVectorInst(value) != nil {
      let insertion = LLVMGetOperand(value, 0)!
      return LLVMIsAInsertElementInst(insertion) != nil && isOne(LLVMGetOperand(insertion, 1))
    }
    return unit.intrinsicID(value) == Intrinsic.fence && unit.isOne(LLVMGetOperand(value, 0))
  }

  private func reveal(_ product: Value) {
    let (left, right) = (LLVMGetOperand(product, 0)!, LLVMGetOperand(product, 1)!)
    let value = isOne(right) ? left : right
    if isNeedless(product) {
      LLVMReplaceAllUsesWith(product, value)
    } else {
      for (user, index) in directUses(product) where isQuieting(user, index) {
        LLVMSetOperand(user, index, value)
      }
    }
    if LLVMGetFirstUse(product) == nil { LLVMInstructionEraseFromParent(product) }
  }

  /// Whether all that a product gets to, in vectors and by choices too, makes it quiet or does not mind.
  private func isNeedless(_ product: Value) -> Bool {
    var known: Set<Value> = [product]
    var waiting = [product]
    while let next = waiting.popLast() {
      for (user, index) in directUses(next) where !isQuieting(user, index) {
        guard LLVMIsAInstruction(user) != nil, known.count < 40 else { return false }
        switch LLVMGetInstructionOpcode(user) {
        case LLVMPHI, LLVMSelect, LLVMExtractElement, LLVMInsertElement, LLVMShuffleVector:
          if known.insert(user).inserted { waiting.append(user) }
        default: return false
        }
      }
    }
    return true
  }

  /// Whether a user makes its operand quiet itself, or does not mind, so that it may have what is multiplied instead.
  private func isQuieting(_ user: Value, _ index: UInt32) -> Bool {
    guard LLVMIsAInstruction(user) != nil else { return false }
    switch LLVMGetInstructionOpcode(user) {
    case LLVMFCmp: return true
    case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: return stays(user, beside: index)
    case LLVMFPExt:
      return directUses(user).allSatisfy { use, index in
        switch LLVMGetInstructionOpcode(use) {
        case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: stays(use, beside: index)
        case LLVMFCmp, LLVMStore: true
        default: false
        }
      }
    default: return false
    }
  }

  /// Whether arithmetic is not folded to this operand.
  private func stays(_ user: Value, beside index: UInt32) -> Bool {
    let other = LLVMGetOperand(user, 1 - index)!
    if other == LLVMGetOperand(user, index) { return true }
    let opcode = LLVMGetInstructionOpcode(user)
    return !mayBe(Neutral.of(opcode, operand: 1 - index, knowsZero: false), other)
  }

  /// Whether code generation may come to know that a value is one of these.
  private func mayBe(_ neutral: Neutral, _ value: Value, depth: Int = 4) -> Bool {
    if let number = unit.neutral(value) { return !number.isDisjoint(with: neutral) }
    guard LLVMIsAInstruction(value) != nil else { return false }
    let operands = unit.operands(value)
    switch LLVMGetInstructionOpcode(value) {
    case LLVMLoad, LLVMExtractElement, LLVMExtractValue: return false
    case LLVMPHI:
      // One with a single value is that value.
      return depth > 0 && Set(operands).count == 1 && mayBe(neutral, operands[0], depth: depth - 1)
    case LLVMCall where unit.intrinsicID(value) == Intrinsic.fence: return false
    case LLVMSelect, LLVMFNeg:
      return depth == 0 || operands.contains { mayBe(neutral, $0, depth: depth - 1) }
    default: return operands.allSatisfy { LLVMIsAConstant($0) != nil }
    }
  }
}

// MARK: Translation

extension FunctionTranslator {
  /// Of two constants, LLVM's builder takes the one for the result beside which the other one is neutral, even if it signals.
  func arithmetic(
    _ type: ValueType, _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let right = quiet(pop())
    let left = quiet(pop())
    push(build(unit.builder, left, right, "")!, type)
  }

  /// A constant that is a signalling NaN, made quiet, as arithmetic does it.
  private func quiet(_ value: Value) -> Value {
    guard unit.isSignalling(value), let bits = unit.floatBits(value) else { return value }
    return LLVMTypeOf(value) == unit.f64
      ? floatConstant(.f64, bits: bits | 1 << 51) : floatConstant(.f32, bits: bits | 1 << 22)
  }

  /// Of the intrinsics only what they do with numbers: of a signalling NaN they may make what they like, where the specification wants a
  /// quiet one. A sum is quiet.
  func extremum(_ type: ValueType, _ name: String) {
    let right = pop()
    let left = pop()
    let isNaN = LLVMBuildFCmp(unit.builder, LLVMRealUNO, left, right, "")
    let sum = LLVMBuildFAdd(unit.builder, quiet(left), quiet(right), "")
    let extremum = unit.callIntrinsic(name, [irType(type)], [left, right])
    LLVMSetFastMathFlags(extremum, LLVMFastMathFlags(LLVMFastMathNoNaNs))
    push(LLVMBuildSelect(unit.builder, isNaN, sum, extremum, ""), type)
  }

  /// With integers, which stay in vector registers and cost at most two instructions more than LLVM's intrinsic, which is beside a
  /// minimum of the same operands what ``FloatFolds`` calls a crash.
  func copysign(_ type: ValueType, integer: ValueType, signBit: UInt64) {
    let builder = unit.builder
    let ir = irType(integer)
    let sign = LLVMBuildBitCast(builder, pop(), ir, "")
    let magnitude = LLVMBuildBitCast(builder, pop(), ir, "")
    let bits = LLVMBuildOr(
      builder, LLVMBuildAnd(builder, magnitude, LLVMConstInt(ir, signBit - 1, 0), ""),
      LLVMBuildAnd(builder, sign, LLVMConstInt(ir, signBit, 0), ""), "")
    push(LLVMBuildBitCast(builder, bits, irType(type), ""), type)
  }
}
