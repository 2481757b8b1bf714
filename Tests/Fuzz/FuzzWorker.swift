import CProcess
import Glibc

/// What a worker checks.
protocol FuzzSubject {
  /// - Parameter progress: told of the number of each setting before it is run; -1: compiling.
  func check(progress: (Int) -> Void) throws -> FuzzCase.Result
}

/// Checks cases in a child process, so that a crash or an endless loop is a finding like any other. This process
/// must have a single thread.
struct FuzzWorker {
  /// Of processor time, for one case.
  var seconds: UInt32 = 120
  /// Cases until a new child takes over: what one leaks, if it does, does not add up.
  var batch = 1000
  /// Standard error of the child; nil: this one's.
  var errors: Int32?
  /// How to make a case. Called in the child.
  var make: (Int) throws -> any FuzzSubject

  /// Reports cases in order.
  /// - Parameter report: gets the number and what it came to; false to stop.
  func run(_ numbers: Range<Int>, report: (Int, FuzzCase.Result) -> Bool) {
    var next = numbers.lowerBound
    while next < numbers.upperBound {
      let part = next..<min(next + batch, numbers.upperBound)
      guard let done = runChild(part, report) else { return }
      next = done
    }
  }

  /// Of one case.
  func check(_ number: Int = 0) -> FuzzCase.Result {
    var result = FuzzCase.Result()
    run(number..<number + 1) { _, found in
      result = found
      return true
    }
    return result
  }

  // MARK: Parent

  /// - Returns: the first number that is not done; nil if told to stop.
  private func runChild(_ numbers: Range<Int>, _ report: (Int, FuzzCase.Result) -> Bool) -> Int? {
    var pipe: [Int32] = [0, 0]
    // Two descriptors into an array of two.
    guard Glibc.pipe(&pipe) == 0 else { fatalError("no pipe: error \(errno)") }
    let process = wpgo_fork()
    if process == 0 {
      close(pipe[0])
      if let errors { dup2(errors, 2) }
      child(numbers, pipe[1])
      wpgo_exit_child(0)
    }
    close(pipe[1])
    guard process > 0, let input = fdopen(pipe[0], "r") else {
      fatalError("no process: error \(errno)")
    }
    defer { fclose(input) }
    var next = numbers.lowerBound
    var setting = -1
    while let message = Self.readMessage(input) {
      switch message {
      case .setting(let number): setting = number
      case .done(let result):
        next += 1
        setting = -1
        guard report(next - 1, result) else {
          kill(process, SIGKILL)
          _ = Self.wait(process)
          return nil
        }
      }
    }
    let status = Self.wait(process)
    guard status != 0 || next < numbers.upperBound else { return next }
    var result = FuzzCase.Result()
    result.finding = finding(status, setting)
    return report(next, result) ? next + 1 : nil
  }

  private func finding(_ status: Int32, _ setting: Int) -> FuzzFinding {
    switch status & 0x7F {
    case 0:
      FuzzFinding(kind: .crashed, setting: setting, text: "exit status \(status >> 8 & 0xFF)")
    case _ where wpgo_met_limit(status) != 0:
      FuzzFinding(kind: .hung, setting: setting, text: "did not end within \(seconds) seconds")
    case let signal:
      FuzzFinding(
        kind: .crashed, setting: setting, text: "crashed: \(String(cString: strsignal(signal)))")
    }
  }

  private static func wait(_ process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  // MARK: Child

  private func child(_ numbers: Range<Int>, _ output: Int32) {
    for number in numbers {
      wpgo_limit_time(seconds)
      var result = FuzzCase.Result()
      var setting = -1
      do {
        result = try make(number).check {
          setting = $0
          Self.send(.setting($0), output)
        }
      } catch {
        result.finding = FuzzFinding(kind: .failed, setting: setting, text: "\(error)")
      }
      Self.send(.done(result), output)
    }
  }

  // MARK: Messages, one a line

  private enum Message {
    case setting(Int)
    case done(FuzzCase.Result)
  }

  private static func send(_ message: Message, _ output: Int32) {
    let line: String
    switch message {
    case .setting(let number): line = "setting \(number)\n"
    case .done(let result):
      let numbers =
        "done \(result.modules) \(result.deopts) \(result.forced) \(result.points) \(result.guards)"
        + " \(result.traps) \(result.deoptsBeforeTraps)"
      let finding = result.finding.map {
        " \($0.kind.rawValue) \($0.setting) "
          + String($0.text.map { $0.isNewline ? " " : $0 })
      }
      line = numbers + (finding ?? "") + "\n"
    }
    var bytes = Array(line.utf8)[...]
    while !bytes.isEmpty {
      // The slice's storage is valid during the call, which reads no more than its count.
      let count = bytes.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func readMessage(_ input: UnsafeMutablePointer<FILE>) -> Message? {
    var line: UnsafeMutablePointer<CChar>?
    var size = 0
    defer { free(line) }
    guard getline(&line, &size, input) > 0, let line else { return nil }
    let words = String(cString: line).dropLast().split(separator: " ", maxSplits: 10)
    let numbers = words.dropFirst().prefix(7).compactMap { UInt64($0) }
    if words.first == "done", numbers.count == 7 {
      var result = FuzzCase.Result()
      result.modules = Int(numbers[0])
      (result.deopts, result.forced) = (numbers[1], numbers[2])
      (result.points, result.guards) = (Int(numbers[3]), Int(numbers[4]))
      (result.traps, result.deoptsBeforeTraps) = (numbers[5], numbers[6])
      if words.count > 9, let kind = FuzzFinding.Kind(rawValue: String(words[8])) {
        result.finding = FuzzFinding(
          kind: kind, setting: Int(words[9]) ?? -1, text: words.count > 10 ? String(words[10]) : "")
      }
      return .done(result)
    }
    return words.count == 2 ? Int(words[1]).map { .setting($0) } : nil
  }
}
