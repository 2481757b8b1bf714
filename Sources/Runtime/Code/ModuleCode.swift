import Contract
import Wasm

/// The interface of ahead-of-time code to a compiled module.
package protocol ModuleCode: AnyObject, Sendable {
  /// A valid module.
  var module: Module { get }

  /// The defined functions without any ahead-of-time code. The baseline compiles them when they are first called.
  var functionsWithoutCode: [Int] { get }

  /// The functions whose baseline code may be needed but has to be compiled first, ascending.
  var lazyFunctions: [Int] { get }

  /// The initial target of calls of any other defined function.
  func entryAddress(function: Int) -> UInt

  /// The address in references to a defined function. It is a jump through the entry if the entry may change: when the
  /// function's deopt budget is exhausted, or when it is first compiled.
  func referenceAddress(function: Int) -> UInt

  /// The baseline code of a function; nil if it has to be compiled.
  func baselineCode(function: Int) -> BaselineCode?

  /// The numbers of the OSR entries of `function`, by byte offset of the `loop`. Used to compile its baseline code.
  func loopNumbers(function: Int) -> [Int: Int]

  /// Byte offsets of instructions before which a frame state resumes its frames, ascending.
  func resumeOffsets(function: Int) -> [Int]

  /// The number of iterations after which a loop in baseline code enters its OSR entry. Nil: it does so on request.
  var loopPeriod: Int? { get }

  /// What relaxed vector instructions mean in it.
  var relaxed: RelaxedSemantics { get }

  var codeMap: any CodeMap { get }

  /// Fills in the context fields that AOT code uses. At this point the instance's globals, tables, entries and references are
  /// set up, but no segment has been applied and none of its code has run. The result is retained as long as the instance.
  func attach(to instance: InstanceBody) throws -> AnyObject?

  /// Called once after ``attach(to:)``, when all active element segments have been applied and still none of the instance's
  /// code has run. Not called if one of the segments traps; the instance never runs ahead-of-time code then.
  func tablesAreInitialized(of instance: InstanceBody) throws
}
