import Contract
import Files
import Runtime

// This module: deopts on purpose. Nothing that servers link has it.
//
//   GuardForcing         which guards fail
//   ForcedGuards         those of one artefact: counts, the last deopt
//   ForcedGuardCode      the change of the artefact's code

/// Which guards of an artefact fail although their conditions hold, to test deoptimization on the artefact as shipped:
/// the result of a run must not change. Pass it when you load the artefact (`Artefact.init(bytes:forcing:)`); without it, the code
/// runs as compiled. All settings can be combined.
///
/// A guard consists of one or more compares in the machine code, its *tests* (`GuardTest`). Once one has been chosen to
/// fail, all tests of that guard fail until the deopt has happened.
public struct GuardForcing: Sendable, Equatable {
  /// Every Nth executed test fails, counted over all guards; 1: every test. Nil: none.
  public var period: UInt64?
  /// A random share of the executed tests fails.
  public var random: Random?
  /// Individual executions of individual guards fail.
  public var sites: [Site] = []
  /// Each test fails the first time it is executed.
  public var failsEachTestOnce = false
  /// Tests (``ForcedGuards/Test/number``) to which ``failsEachTestOnce`` does not apply.
  public var skippedTests: Set<Int> = []
  /// Maximum number of tests chosen to fail. Nil: no limit.
  public var limit: UInt64?
  /// From 1 to 255: in baseline code, loops switch to generic code at every Nth iteration. Nil: at the
  /// first one after a deopt.
  public var loopPeriod: Int?

  /// A reproducible random choice of tests.
  public struct Random: Sendable, Equatable {
    /// The same seed chooses the same tests.
    public var seed: UInt64
    /// From 0 to 1.
    public var rate: Double

    /// Fails a share `rate`, from 0 to 1, of the tests.
    public init(seed: UInt64, rate: Double) {
      self.seed = seed
      self.rate = rate
    }
  }

  /// One execution of the guards at one call.
  public struct Site: Sendable, Equatable {
    /// Index of the function that holds the call, or of one into which it was inlined; nil: any.
    public var function: Int?
    /// Of the `call_indirect`, in the module.
    public var byteOffset: Int
    /// The execution that fails, counted from 1 over all tests of a guard. Each guard counts on its own:
    /// every inlined copy of the call has one.
    public var execution: UInt64

    /// The `execution`th test of each guard of the call at `byteOffset`.
    public init(function: Int? = nil, byteOffset: Int, execution: UInt64 = 1) {
      self.function = function
      self.byteOffset = byteOffset
      self.execution = execution
    }
  }

  /// Forces nothing.
  public init() {}
}

extension Artefact {
  /// Reads and checks the artefact at `path`, and makes its guards fail.
  /// - Parameter forcing: nil: code is unchanged and nothing is counted.
  /// - Throws: as without.
  public convenience init(path: HostString, forcing: GuardForcing?) throws(ArtefactError) {
    try self.init(path: path, patch: forcing)
  }

  /// Checks the artefact whose file contents are `bytes`, and makes its guards fail.
  /// - Parameter forcing: nil: code is unchanged and nothing is counted.
  /// - Throws: as without.
  public convenience init(bytes: [UInt8], forcing: GuardForcing?) throws(ArtefactError) {
    try self.init(bytes: bytes, patch: forcing)
  }

  /// What became of its guards; nil unless it was loaded with a ``GuardForcing``.
  public var forcedGuards: ForcedGuards? { control as? ForcedGuards }
}
