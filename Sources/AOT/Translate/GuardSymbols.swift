import CLLVM

/// The numbers that guards with a deopt compare with. They are external symbols whose names encode the value and the guard.
/// Here the number is 7, and the guard is the third of function 12:
///
///     @wpgo.index.7.12.2 = external hidden global i8, !absolute_symbol !{i64 0, i64 4294967296}
///     %hit = icmp eq i32 %index, ptrtoint (ptr @wpgo.index.7.12.2 to i32)
///
/// LLVM hoists, merges and eliminates such a compare like any other, but does not know the number. So nothing on the failing
/// side, frame states above all, is computed from the fact that the index is not 7: a run may force the compare to fail
/// whatever the index is (toolchain-docs/decisions/forced-guards.md).
struct GuardSymbol {
  /// The meaning of the number; the prefix of the symbol's name.
  enum Kind: String, CaseIterable {
    /// A table index, 32 bits.
    case index = "wpgo.index."
    /// A function reference's offset in its context. Only 31 of its 64 bits are used, so that it can be an immediate operand.
    case offset = "wpgo.offset."
  }

  var kind: Kind
  var value: UInt64
  /// The guard whose compares refer to the symbol.
  var guardID: GuardID

  init(_ kind: Kind, _ value: UInt64, of guardID: GuardID) {
    self.kind = kind
    self.value = value
    self.guardID = guardID
  }

  /// Parses a symbol's name; nil if it is no guard symbol.
  init?(name: String) {
    guard let kind = Kind.allCases.first(where: { name.hasPrefix($0.rawValue) }) else {
      return nil
    }
    let numbers = name.dropFirst(kind.rawValue.count).split(separator: ".")
    guard numbers.count == 3, let value = UInt64(numbers[0]), let function = Int(numbers[1]),
      let number = Int(numbers[2])
    else { return nil }
    self.init(kind, value, of: GuardID(function: function, number: number))
  }

  var name: String { "\(kind.rawValue)\(value).\(guardID.function).\(guardID.number)" }

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
    case LLVMPtrToInt: return symbol(LLVMGetOperand(constant, 0)).map { $0.value & mask }
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

  private static func symbol(_ global: LLVMValueRef) -> GuardSymbol? {
    guard LLVMIsAGlobalVariable(global) != nil else { return nil }
    var length = 0
    guard let name = LLVMGetValueName2(global, &length) else { return nil }
    // LLVM owns the name, which has the returned length.
    return GuardSymbol(
      name: String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self))
  }

  /// The guard symbols of a module.
  static func all(in unit: LLVMUnit) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var global = LLVMGetFirstGlobal(unit.module)
    while let current = global {
      if symbol(current) != nil { result.append(current) }
      global = LLVMGetNextGlobal(current)
    }
    return result
  }

  /// All compares with a symbol, or with a constant derived from one.
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
  /// A table index that a guard compares with. The range of small ones allows one-byte immediates.
  func guardIndex(_ index: UInt32, of guardID: GuardID) -> Value {
    let end: UInt64 = index < 128 ? 128 : 1 << 32
    let symbol = GuardSymbol(.index, UInt64(index), of: guardID)
    return LLVMConstPtrToInt(global(symbol, end: end), i32)
  }

  /// An offset from the context.
  func guardOffset(_ offset: Int, of guardID: GuardID) -> Value {
    let symbol = GuardSymbol(.offset, UInt64(offset), of: guardID)
    return LLVMConstPtrToInt(global(symbol, end: 1 << 31), i64)
  }

  private func global(_ symbol: GuardSymbol, end: UInt64) -> Value {
    if let known = LLVMGetNamedGlobal(module, symbol.name) { return known }
    let global = LLVMAddGlobal(module, i8, symbol.name)!
    LLVMSetVisibility(global, LLVMHiddenVisibility)
    setAbsolute(global, below: end)
    return global
  }
}
