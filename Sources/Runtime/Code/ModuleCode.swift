import Wasm

/// What a compiled module asks of ahead-of-time code.
package protocol ModuleCode: AnyObject, Sendable {
  /// Valid.
  var module: Module { get }

  /// Functions that the module defines and that it has no code for: the baseline compiles them when they are first called.
  var baselineFunctions: [Int] { get }

  /// What calls of any other function that the module defines enter at first.
  func entryAddress(function: Int) -> UInt

  /// Whether that may change, once a function's deopt budget is used up.
  func isSpeculative(function: Int) -> Bool

  /// For baseline code of `function`: by byte offset of a `loop`, the number of its OSR entry.
  func loopNumbers(function: Int) -> [Int: Int]

  /// Nil: a loop in baseline code leaves for its OSR entry when asked to. Else at each so many of its turns.
  var loopPeriod: Int? { get }

  var codeMap: any CodeMap { get }

  /// Fills in the context's fields that AOT code uses. The instance's globals, tables, entries and references are in
  /// place, no segment was applied yet, and none of its code ran. What it returns is kept for as long as the instance.
  func attach(to instance: Instance) throws -> AnyObject?

  /// Called once after ``attach(to:)``, when all active element segments have been applied and still none of the instance's
  /// code ran. If one of them traps it is not called: then the instance never runs ahead-of-time code.
  func tablesAreInitialized(of instance: Instance) throws
}
