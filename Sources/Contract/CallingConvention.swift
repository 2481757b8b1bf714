import Wasm

/// The calling convention of all tiers: System V AMD64 with a single prototype,
///
///     {i64, i64, <2 x double>, <2 x double>} f(ptr context, i64 x5, <2 x double> x8)
///
/// so that nothing is passed on the stack. A type that needs fewer registers has those at the front of each list, so optimized
/// code declares functions with exactly their own parameters and results. Integers and references are passed in
/// rsi, rdx, rcx, r8, r9 (an i32 is zero-extended), floats in lane 0 of xmm0…xmm7 (the bits above a scalar are undefined).
/// Results are returned in rax, rdx and xmm0, xmm1. Values that do not fit are passed, in order, in the store's overflow area
/// (`ContextLayout.overflowArea`), each aligned to its `SlotLayout.size`. The caller writes parameters right before the call,
/// and the callee reads them before it calls anything. The callee writes results right before it returns. rdi contains the
/// callee's context. rbx, rbp, r12…r15 are callee-saved. Every function keeps a frame pointer.
public enum CallingConvention {
  /// rsi, rdx, rcx, r8, r9.
  public static let integerParameterRegisters = 5
  /// xmm0 to xmm7.
  public static let floatParameterRegisters = 8
  /// rax, rdx.
  public static let integerResultRegisters = 2
  /// xmm0, xmm1.
  public static let floatResultRegisters = 2

  /// Where one parameter or result is passed.
  public enum Location: Hashable, Sendable {
    /// The n-th integer register of the list for parameters or results.
    case integer(Int)
    /// The n-th vector register.
    case float(Int)
    /// Byte offset in the overflow area.
    case overflow(Int)
  }

  /// The location of each parameter.
  public static func parameters(of type: FunctionType) -> [Location] {
    var assignment = Assignment.parameters
    return type.parameters.map { assignment.next($0) }
  }

  /// The location of each result.
  public static func results(of type: FunctionType) -> [Location] {
    var assignment = Assignment.results
    return type.results.map { assignment.next($0) }
  }

  /// Assigns locations one after the other, without an array.
  public struct Assignment: Sendable {
    private var integers: Int
    private var floats: Int
    private var integerCount = 0
    private var floatCount = 0
    private var overflow = 0

    /// Starts with the first parameter.
    public static var parameters: Assignment {
      Assignment(integers: integerParameterRegisters, floats: floatParameterRegisters)
    }

    /// Starts with the first result.
    public static var results: Assignment {
      Assignment(integers: integerResultRegisters, floats: floatResultRegisters)
    }

    private init(integers: Int, floats: Int) {
      self.integers = integers
      self.floats = floats
    }

    /// The location of the next parameter or result, of this type.
    public mutating func next(_ type: ValueType) -> Location {
      if type.isFloat || type == .v128 {
        if floatCount < floats {
          floatCount += 1
          return .float(floatCount - 1)
        }
      } else if integerCount < integers {
        integerCount += 1
        return .integer(integerCount - 1)
      }
      let size = SlotLayout.size(of: type)
      let offset = (overflow + size - 1) & ~(size - 1)
      overflow = offset + size
      return .overflow(offset)
    }
  }

  /// Size of the overflow area: 1,000 parameters (the JS API's limit) of 16 bytes each, padding included.
  public static let overflowAreaSize = 16_384
}
