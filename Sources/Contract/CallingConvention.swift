import Wasm

/// The one calling convention between all tiers: System V AMD64 with a single prototype,
///
///     {i64, i64, <2 x double>, <2 x double>} f(ptr context, i64 x5, <2 x double> x8)
///
/// so that any wasm function can tail-jump to any other and nothing is ever passed on the stack.
/// Integers and references travel in rsi, rdx, rcx, r8, r9 (an i32 is zero-extended), floats in lane 0
/// of xmm0…xmm7 (the bits above a scalar are undefined); results in rax, rdx and xmm0, xmm1. What is left over goes, in
/// order, through the 8-byte slots of the store's overflow area (`ContextLayout.overflowArea`): the
/// caller writes parameters right before the call and the callee reads them before it calls anything;
/// the callee writes results right before it returns.
/// rdi holds the callee's context. rbx, rbp, r12…r15 are callee-saved. Every function keeps a frame pointer.
public enum CallingConvention {
  public static let integerParameterRegisters = 5
  public static let floatParameterRegisters = 8
  public static let integerResultRegisters = 2
  public static let floatResultRegisters = 2

  public enum Location: Hashable, Sendable {
    /// The n-th integer register of the list for parameters or results.
    case integer(Int)
    /// The n-th vector register.
    case float(Int)
    /// Byte offset in the overflow area.
    case overflow(Int)
  }

  public static func parameters(of type: FunctionType) -> [Location] {
    assign(type.parameters, integerParameterRegisters, floatParameterRegisters)
  }

  public static func results(of type: FunctionType) -> [Location] {
    assign(type.results, integerResultRegisters, floatResultRegisters)
  }

  private static func assign(_ types: [ValueType], _ integers: Int, _ floats: Int) -> [Location] {
    var nextInteger = 0
    var nextFloat = 0
    var nextOverflow = 0
    return types.map { type in
      if type.isFloat || type == .v128 {
        if nextFloat < floats {
          nextFloat += 1
          return .float(nextFloat - 1)
        }
      } else if nextInteger < integers {
        nextInteger += 1
        return .integer(nextInteger - 1)
      }
      let offset = nextOverflow
      nextOverflow += 8
      return .overflow(offset)
    }
  }

  /// Bytes of the overflow area: 1,000 parameters (the JS API's limit) of 16 bytes each.
  public static let overflowAreaSize = 16_384
}
