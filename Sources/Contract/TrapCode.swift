/// Reasons to trap. Raw values are used in registers and artefacts: append only.
public enum TrapCode: UInt8, Sendable, CaseIterable {
  case unreachable = 1
  case integerDivideByZero = 2
  case integerOverflow = 3
  case invalidConversionToInteger = 4
  case outOfBoundsMemoryAccess = 5
  case outOfBoundsTableAccess = 6
  /// call_indirect: the index is out of the table's bounds.
  case undefinedElement = 7
  /// call_indirect: the entry is null.
  case uninitializedElement = 8
  case indirectCallTypeMismatch = 9
  case stackOverflow = 10
  /// A host function threw; the store keeps the error.
  case hostError = 11
  /// A deadline has passed.
  case interrupted = 12
  /// An atomic access whose address is no multiple of its size.
  case unalignedAtomic = 13
  /// A wait on a memory that no other agent can notify it through.
  case expectedSharedMemory = 14
  /// call_ref: the reference is null.
  case nullFunctionReference = 15
  /// ref.as_non_null
  case nullReference = 16
  /// throw_ref of null.
  case nullException = 17
  /// There is no memory for another exception, or no more is allowed.
  case exceptionsExhausted = 18

  /// The wording of the specification's test suite.
  public var message: String {
    switch self {
    case .unreachable: "unreachable"
    case .integerDivideByZero: "integer divide by zero"
    case .integerOverflow: "integer overflow"
    case .invalidConversionToInteger: "invalid conversion to integer"
    case .outOfBoundsMemoryAccess: "out of bounds memory access"
    case .outOfBoundsTableAccess: "out of bounds table access"
    case .undefinedElement: "undefined element"
    case .uninitializedElement: "uninitialized element"
    case .indirectCallTypeMismatch: "indirect call type mismatch"
    case .stackOverflow: "call stack exhausted"
    case .hostError: "host function failed"
    case .interrupted: "interrupted"
    case .unalignedAtomic: "unaligned atomic"
    case .expectedSharedMemory: "expected shared memory"
    case .nullFunctionReference: "null function reference"
    case .nullReference: "null reference"
    case .nullException: "null exception reference"
    case .exceptionsExhausted: "exceptions exhausted"
    }
  }
}
