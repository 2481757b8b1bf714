/// Which guards of an artefact fail although their conditions hold, so that deoptimization can be tested on the
/// artefact as it is shipped: the result of a run must not change. To be passed when the artefact is loaded; without, the
/// code is as it was compiled. All of it may be combined.
///
/// A guard rests on one or more compares in the machine code, its *tests* (`GuardTest`). Once one was chosen to fail, all tests
/// of that guard fail until the deopt has happened.
public struct GuardForcing: Sendable, Equatable {
  /// Every so many tests executed, counted over all guards, one fails; 1: all. Nil: none.
  public var period: UInt64?
  /// A share of the tests executed fails.
  public var random: Random?
  /// Single executions of single guards.
  public var sites: [Site] = []
  /// Each test fails when it is executed for the first time.
  public var failsEachTestOnce = false
  /// Numbers of tests (``ForcedGuards/Test/number``) that ``failsEachTestOnce`` leaves out.
  public var skippedTests: Set<Int> = []
  /// No test is chosen after so many were. Nil: no limit.
  public var limit: UInt64?
  /// From 1 to 255: in baseline code, loops go on in generic code at each so many of their turns. Nil: at the
  /// first one after a deopt.
  public var loopPeriod: Int?

  public struct Random: Sendable, Equatable {
    public var seed: UInt64
    /// From 0 to 1.
    public var rate: Double

    public init(seed: UInt64, rate: Double) {
      self.seed = seed
      self.rate = rate
    }
  }

  public struct Site: Sendable, Equatable {
    /// Index of the function that holds the call, or of one into which it was inlined; nil: any.
    public var function: Int?
    /// Of the `call_indirect`, in the module.
    public var byteOffset: Int
    /// Which execution of the guard fails, counted from 1 and over all of its tests, for each guard on its own:
    /// each copy of the call that was inlined somewhere has one.
    public var execution: UInt64

    public init(function: Int? = nil, byteOffset: Int, execution: UInt64 = 1) {
      self.function = function
      self.byteOffset = byteOffset
      self.execution = execution
    }
  }

  public init() {}
}
