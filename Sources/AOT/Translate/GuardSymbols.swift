import CLLVM

/// The numbers that guards with a deopt compare with: external symbols, whose names tell their values.
///
///     @wpgo.index.7 = external hidden global i8, !absolute_symbol !{i64 0, i64 4294967296}
///     %hit = icmp eq i32 %index, ptrtoint (ptr @wpgo.index.7 to i32)
///
/// LLVM hoists, merges and removes such a compare like any other, but does not know the number. So nothing on
/// the failing side, frame states above all, is computed from the index being another than 7: a run may make the compare fail
/// whatever the index is (toolchain-docs/decisions/forced-guards.md). Equal numbers are one symbol, so that
/// LLVM sees that two guards test the same.
enum GuardSymbol {
  /// Of a table's element, 32 bits.
  static let index = "wpgo.index."
  /// Of a function reference in its context, 64 bits of which 31 are used: an immediate operand.
  static let offset = "wpgo.offset."

  static func value(name: String) -> UInt64? {
    for prefix in [index, offset] where name.hasPrefix(prefix) {
      return UInt64(name.dropFirst(prefix.count))
    }
    return nil
  }

  /// The number that a constant made of these symbols stands for, in the bits of its type.
  static func value(of constant: LLVMValueRef) -> UInt64? {
    guard LLVMGetTypeKind(LLVMTypeOf(constant)) == LLVMIntegerTypeKind else { return nil }
    let width = LLVMGetIntTypeWidth(LLVMTypeOf(constant))
    guard width <= 64 else { return nil }
    let mask = UInt64.max >> UInt64(64 - width)
    if LLVMIsAConstantInt(constant) != nil { return LLVMConstIntGetZExtValue(constant) }
    guard LLVMIsAConstantExpr(constant) != nil else { return nil }
    func operand(_ number: UInt32) -> UInt64? { value(of: LLVMGetOperand(constant, number)) }
    switch LLVMGetConstOpcode(constant) {
    case LLVMPtrToInt: return symbol(LLVMGetOperand(constant, 0)).map { $0 & mask }
    case LLVMTrunc: return operand(0).map { $0 & mask }
    case LLVMAdd:
      guard let left = operand(0), let right = operand(1) else { return nil }
      return left &+ right & mask
    case LLVMSub:
      guard let left = operand(0), let right = operand(1) else { return nil }
      return left &- right & mask
    case LLVMXor:
      guard let left = operand(0), let right = operand(1) else { return nil }
      return left ^ right
    default: return nil
    }
  }

  private static func symbol(_ global: LLVMValueRef) -> UInt64? {
    guard LLVMIsAGlobalVariable(global) != nil else { return nil }
    var length = 0
    guard let name = LLVMGetValueName2(global, &length) else { return nil }
    // The name is LLVM's, of the length it says.
    return value(
      name: String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self))
  }

  /// The symbols that a module uses.
  static func all(in unit: LLVMUnit) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var global = LLVMGetFirstGlobal(unit.module)
    while let current = global {
      if symbol(current) != nil { result.append(current) }
      global = LLVMGetNextGlobal(current)
    }
    return result
  }

  /// Whether an instruction is such a compare.
  static func isCompare(_ instruction: LLVMValueRef) -> Bool {
    guard LLVMIsAICmpInst(instruction) != nil else { return false }
    return (0..<2).contains { number in
      let operand = LLVMGetOperand(instruction, UInt32(number))!
      return LLVMIsAConstantExpr(operand) != nil && value(of: operand) != nil
    }
  }

  /// All compares with a symbol, or with a number made of one.
  static func compares(in unit: LLVMUnit) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var known: Set<LLVMValueRef> = []
    var waiting = all(in: unit)
    while let value = waiting.popLast() {
      var use = LLVMGetFirstUse(value)
      while let current = use {
        let user = LLVMGetUser(current)!
        if LLVMIsAConstantExpr(user) != nil { waiting.append(user) }
        if LLVMIsAICmpInst(user) != nil, known.insert(user).inserted { result.append(user) }
        use = LLVMGetNextUse(current)
      }
    }
    return result
  }
}

extension LLVMUnit {
  /// A table index, as guards compare with it. For small ones the range allows operands of one byte.
  func guardIndex(_ index: UInt32) -> Value {
    let end: UInt64 = index < 128 ? 128 : 1 << 32
    return LLVMConstPtrToInt(guardSymbol(GuardSymbol.index, UInt64(index), end: end), i32)
  }

  /// A distance from the context.
  func guardOffset(_ offset: Int) -> Value {
    LLVMConstPtrToInt(guardSymbol(GuardSymbol.offset, UInt64(offset), end: 1 << 31), i64)
  }

  private func guardSymbol(_ prefix: String, _ value: UInt64, end: UInt64) -> Value {
    let name = "\(prefix)\(value)"
    if let known = LLVMGetNamedGlobal(module, name) { return known }
    let symbol = LLVMAddGlobal(module, i8, name)!
    LLVMSetVisibility(symbol, LLVMHiddenVisibility)
    setAbsolute(symbol, below: end)
    return symbol
  }
}
