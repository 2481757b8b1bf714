import Glibc

/// A program that is known to fail, and all that it takes.
struct FuzzFailure {
  var program: FuzzProgram
  var kind: FuzzFinding.Kind
  /// Of ``FuzzSetting/all(seed:)``; -1: compiling.
  var setting: Int
  /// A fault that is planted for a trial.
  var planting: FuzzCase.Planting?
  var change: (inout FuzzBuild) -> Void = { _ in }
  /// Standard error of the child.
  var errors: Int32?

  /// Seconds of processor time after which a changed program is taken to be endless.
  private static let seconds: UInt32 = 10

  /// - Returns: what was found, if it is of the same kind.
  func finding() -> FuzzFinding? {
    var worker = FuzzWorker { _ in
      var program = try FuzzCase(self.program)
      if setting >= 0 { program.settings = [program.settings[setting]] }
      program.planting = planting
      change(&program.build)
      return program
    }
    worker.seconds = Self.seconds
    worker.errors = errors ?? open("/dev/null", O_WRONLY)
    defer { if errors == nil, let file = worker.errors { close(file) } }
    let finding = worker.check().finding
    return finding?.kind == kind ? finding : nil
  }

  func fails(_ change: @escaping (inout FuzzBuild) -> Void) -> Bool {
    var copy = self
    copy.change = change
    return copy.finding() != nil
  }
}
