import Glibc

/// A program that is known to fail, and all that it takes.
struct FuzzFailure {
  var program: FuzzProgram
  /// What was found. Its setting is the only one that is tried.
  var known: FuzzFinding
  /// A fault that is planted for a trial.
  var planting: FuzzCase.Planting?
  var change: (inout FuzzBuild) -> Void = { _ in }
  /// Standard error of the child.
  var errors: Int32?

  /// Seconds of processor time after which a changed program is taken to be endless.
  private static let seconds: UInt32 = 10

  /// - Returns: what is found, if it may be the same fault.
  func finding() -> FuzzFinding? {
    var worker = FuzzWorker { _ in
      var program = try FuzzCase(self.program)
      if known.setting >= 0 { program.settings = [program.settings[known.setting]] }
      program.planting = planting
      change(&program.build)
      return program
    }
    worker.seconds = Self.seconds
    worker.errors = errors ?? open("/dev/null", O_WRONLY)
    defer { if errors == nil, let file = worker.errors { close(file) } }
    guard let finding = worker.check().finding, finding.resembles(known) else { return nil }
    return finding
  }

  func fails(_ change: @escaping (inout FuzzBuild) -> Void) -> Bool {
    var copy = self
    copy.change = change
    return copy.finding() != nil
  }
}
