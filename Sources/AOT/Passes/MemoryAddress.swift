import CLLVM
import Contract

/// What a pointer into linear memory is made of: exactly `base + index + constant`, whatever the order in which LLVM adds them.
/// Made by ``init(of:_:)`` only, which leaves no part out, so that no pass can forget one.
struct MemoryAddress {
  /// What the constant counts from.
  struct Origin: Hashable {
    /// The memory's first byte, or, where passes made a choice between addresses, any pointer.
    var base: LLVMValueRef
    /// An i64; nil: none.
    var index: LLVMValueRef?
  }

  private(set) var origin: Origin
  /// In bytes. Wasm addresses never wrap: an index and an offset of 32 bits each are added in 64.
  private(set) var constant: Int64

  init(of pointer: LLVMValueRef, _ unit: LLVMUnit) {
    var base = Self.withoutCopies(pointer)
    var index: LLVMValueRef?
    var constant: Int64 = 0
    while let step = Self.byteAddress(base, unit) {
      let (value, part) = Self.splitConstant(step.index)
      // A second index: what is left counts as an unknown pointer.
      if value != nil && index != nil { break }
      if let value { index = value }
      constant &+= part
      base = Self.withoutCopies(step.base)
    }
    origin = Origin(base: base, index: index)
    self.constant = constant
  }

  /// The value that a phi with one operand stands for: loop passes make such behind loops.
  private static func withoutCopies(_ value: LLVMValueRef) -> LLVMValueRef {
    var value = value
    while LLVMIsAPHINode(value) != nil, LLVMCountIncoming(value) == 1 {
      value = LLVMGetIncomingValue(value, 0)
    }
    return value
  }

  /// The addresses that this one may be, where its base or index is a choice, and the block from which each comes; nil: the
  /// choice is a `select`. No list: it is no choice.
  func choices(_ unit: LLVMUnit) -> [(address: MemoryAddress, from: LLVMBasicBlockRef?)]? {
    if let index = origin.index {
      return Self.chosen(index)?.map { value, block in
        var result = self
        let (index, part) = Self.splitConstant(value)
        result.origin.index = index
        result.constant &+= part
        return (result, block)
      }
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

  /// `value + constant`; no value if the whole is a constant.
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

  /// Which of a module's memories it is in: the one whose first byte, as ``FunctionTranslator/base(ofMemory:)`` loads it, is its base.
  func memory(among memories: [MemoryDescriptor], _ unit: LLVMUnit) -> MemoryDescriptor? {
    guard LLVMIsALoadInst(origin.base) != nil, let field = LLVMGetOperand(origin.base, 0),
      let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(origin.base))
    else { return nil }
    let place = MemoryAddress(of: field, unit)
    guard place.origin == Origin(base: LLVMGetParam(function, 0), index: nil) else { return nil }
    return memories.first { place.constant == Int64($0.base) }
  }
}
