import CLLVM
import Contract

/// Decomposes a pointer into linear memory exactly into `base + index + second index + constant`, in whatever order LLVM adds them. Only
/// ``init(of:_:)`` creates one, and it keeps every part, so no pass can forget one.
struct MemoryAddress {
  /// What the constant is relative to.
  struct Origin: Hashable {
    /// The memory's first byte, or any pointer where passes created a phi or select of addresses.
    var base: LLVMValueRef
    /// An i64; nil if there is none.
    var index: LLVMValueRef?
    /// Another one: LLVM splits sums of 64 bits.
    var secondIndex: LLVMValueRef?

    init(base: LLVMValueRef, indices: [LLVMValueRef] = []) {
      self.base = base
      index = indices.first
      secondIndex = indices.count > 1 ? indices[1] : nil
    }

    /// What is added to the base, in the order in which LLVM adds it.
    var indices: [LLVMValueRef] { [index, secondIndex].compactMap { $0 } }

    static func == (a: Origin, b: Origin) -> Bool {
      a.base == b.base
        && (a.index == b.index && a.secondIndex == b.secondIndex
          || a.index == b.secondIndex && a.secondIndex == b.index)
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(base)
      // The same whatever the order.
      hasher.combine(UInt(bitPattern: index) ^ UInt(bitPattern: secondIndex))
    }
  }

  private(set) var origin: Origin
  /// In bytes. Addresses of 32 bits never wrap: index and offset are added in 64 bits. Those of 64 bits may, as all sums here do.
  private(set) var constant: Int64

  init(of pointer: LLVMValueRef, _ unit: LLVMUnit) {
    var base = Self.withoutCopies(pointer)
    var indices: [LLVMValueRef] = []
    var constant: Int64 = 0
    while let step = Self.byteAddress(base, unit) {
      let (value, part) = Self.splitConstant(step.index)
      // A third index: treat the remaining pointer as an unknown base.
      if value != nil && indices.count == 2 { break }
      if let value { indices.append(value) }
      constant &+= part
      base = Self.withoutCopies(step.base)
    }
    origin = Origin(base: base, indices: indices)
    self.constant = constant
  }

  /// Looks through phis with one operand, which loop passes create at loop exits.
  private static func withoutCopies(_ value: LLVMValueRef) -> LLVMValueRef {
    var value = value
    while LLVMIsAPHINode(value) != nil, LLVMCountIncoming(value) == 1 {
      value = LLVMGetIncomingValue(value, 0)
    }
    return value
  }

  /// The addresses that a phi or select for the base or index chooses between, and the predecessor of each (nil for a
  /// `select`). Nil if neither is a choice.
  func choices(_ unit: LLVMUnit) -> [(address: MemoryAddress, from: LLVMBasicBlockRef?)]? {
    if let first = origin.index {
      func replace(
        _ index: LLVMValueRef, keeping other: LLVMValueRef?
      ) -> [(address: MemoryAddress, from: LLVMBasicBlockRef?)]? {
        Self.chosen(index)?.map { value, block in
          var result = self
          let (index, part) = Self.splitConstant(value)
          result.origin = Origin(base: origin.base, indices: [index, other].compactMap { $0 })
          result.constant &+= part
          return (result, block)
        }
      }
      return replace(first, keeping: origin.secondIndex)
        ?? origin.secondIndex.flatMap { replace($0, keeping: first) }
    }
    return Self.chosen(origin.base)?.map { value, block in
      var result = MemoryAddress(of: value, unit)
      result.constant &+= constant
      return (result, block)
    }
  }

  private static func chosen(
    _ value: LLVMValueRef
  ) -> [(value: LLVMValueRef, from: LLVMBasicBlockRef?)]? {
    if LLVMIsAPHINode(value) != nil {
      return (0..<LLVMCountIncoming(value)).map {
        (LLVMGetIncomingValue(value, $0), LLVMGetIncomingBlock(value, $0))
      }
    }
    guard LLVMIsASelectInst(value) != nil else { return nil }
    return [(LLVMGetOperand(value, 1), nil), (LLVMGetOperand(value, 2), nil)]
  }

  /// `getelementptr i8, base, index`.
  private static func byteAddress(
    _ value: LLVMValueRef, _ unit: LLVMUnit
  ) -> (base: LLVMValueRef, index: LLVMValueRef)? {
    guard LLVMIsAGetElementPtrInst(value) != nil, LLVMGetNumOperands(value) == 2,
      LLVMGetGEPSourceElementType(value) == unit.i8,
      let base = LLVMGetOperand(value, 0), let index = LLVMGetOperand(value, 1),
      LLVMTypeOf(index) == unit.i64
    else { return nil }
    return (base, index)
  }

  /// Splits `value + constant`. No value if the whole is constant.
  private static func splitConstant(_ sum: LLVMValueRef) -> (value: LLVMValueRef?, Int64) {
    var constant: Int64 = 0
    var value = withoutCopies(sum)
    while LLVMIsAInstruction(value) != nil, isAddition(value), let left = LLVMGetOperand(value, 0),
      let right = LLVMGetOperand(value, 1), LLVMIsAConstantInt(right) != nil
    {
      constant &+= LLVMConstIntGetSExtValue(right)
      value = withoutCopies(left)
    }
    guard LLVMIsAConstantInt(value) != nil else { return (value, constant) }
    return (nil, constant &+ LLVMConstIntGetSExtValue(value))
  }

  private static func isAddition(_ value: LLVMValueRef) -> Bool {
    let opcode = LLVMGetInstructionOpcode(value)
    return opcode == LLVMAdd || opcode == LLVMOr && LLVMGetIsDisjoint(value) != 0
  }

  /// The module's memory that contains the address: the one whose base ``FunctionTranslator/base(ofMemory:)`` loads.
  func memory(among memories: [MemoryDescriptor], _ unit: LLVMUnit) -> MemoryDescriptor? {
    guard LLVMIsALoadInst(origin.base) != nil, let field = LLVMGetOperand(origin.base, 0),
      let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(origin.base))
    else { return nil }
    let place = MemoryAddress(of: field, unit)
    guard place.origin == Origin(base: LLVMGetParam(function, 0)) else { return nil }
    return memories.first { place.constant == Int64($0.base) }
  }
}
