import CProcess
import Contract
import Files
import Glibc

/// Runs each job in a fork of this process, so that an internal error of LLVM, which aborts the process, does not take down the
/// parent. A fork needs to neither decode the module nor plan a second time.
struct WorkerPool {
  /// The number of jobs that run at the same time.
  var limit: Int
  var limits = WorkerLimits()
  var scratch: ScratchDirectory

  /// Forking is safe with a single thread only: another thread may hold a lock on which the child would wait forever.
  static var canFork: Bool {
    guard let directory = opendir("/proc/self/task") else { return false }
    defer { closedir(directory) }
    var threads = 0
    while let entry = readdir(directory) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { threads += 1 }
    }
    return threads == 1
  }

  /// - Parameters:
  ///   - order: job numbers in the order in which to start them.
  ///   - started: called with each job that starts.
  ///   - progress: called after each job with the number of finished jobs and their total.
  ///   - job: runs in the child; returns the bytes to pass to the parent.
  /// - Returns: the outcomes by job number.
  /// - Throws: errors that have nothing to do with the job itself.
  func run(
    _ order: [Int], started: ((Int) -> Void)? = nil, progress: ((Int, Int) -> Void)? = nil,
    job: (Int) -> [UInt8]
  ) throws(CompileError) -> [Int: Outcome] {
    var waiting = order[...]
    var running: [pid_t: Int] = [:]
    var results: [Int: Outcome] = [:]
    func stopAll() {
      for process in running.keys {
        kill(process, SIGKILL)
        _ = waitForProcess(process)
      }
    }
    while !waiting.isEmpty || !running.isEmpty {
      while running.count < limit, let number = waiting.popFirst() {
        let process = wpgo_fork()
        if process == 0 { child(number, job) }
        guard process > 0 else {
          let message = systemMessage()
          stopAll()
          throw .system("cannot start a worker: \(message)")
        }
        running[process] = number
        started?(number)
      }
      var status: Int32 = 0
      let process = wait(&status)
      do throws(CompileError) { try checkInterrupt() } catch {
        running[process] = nil
        stopAll()
        throw error
      }
      guard process > 0, let number = running.removeValue(forKey: process) else { continue }
      do throws(CompileError) {
        results[number] = try outcome(number, processResult(status))
        progress?(results.count, order.count)
      } catch {
        stopAll()
        throw error
      }
    }
    return results
  }

  /// The outcome of a job.
  enum Outcome {
    case result([UInt8])
    case failed(BaselineReason)
  }

  private func outcome(_ number: Int, _ result: ProcessResult) throws(CompileError) -> Outcome {
    let log = (try? readFile(logPath(number))) ?? []
    switch result {
    case .exited(0):
      if !log.isEmpty { write(2, log, log.count) }
      return .result(try readFile(resultPath(number)))
    case .exited(Self.cannotWrite):
      let text = String(decoding: log.prefix(2000), as: UTF8.self)
      throw .system(text.isEmpty ? "\(scratch.path): cannot write intermediate files" : text)
    case .exited(Self.exceededTime): return .failed(limits.timeReason)
    case .exited(Self.exceededMemory): return .failed(limits.memoryReason)
    case .signaled(SIGINT), .signaled(SIGTERM), .signaled(SIGHUP):
      // These signals ask a process to terminate. One that reaches a worker alone was sent by mistake.
      throw .system("a worker \(result)")
    case .exited, .signaled:
      return .failed(BaselineReason(.codeGeneratorFailed, Self.fatalError(log) ?? "it \(result)"))
    }
  }

  /// LLVM's last error message. The rest of a crash's output contains addresses, and artefacts must be reproducible.
  private static func fatalError(_ log: [UInt8]) -> String? {
    let prefix = "LLVM ERROR: "
    let lines = String(decoding: log.suffix(10_000), as: UTF8.self).split(separator: "\n")
    return lines.last { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  private func logPath(_ number: Int) -> HostString { scratch.file("worker\(number).log") }
  private func resultPath(_ number: Int) -> HostString { scratch.file("worker\(number).out") }

  private func child(_ number: Int, _ job: (Int) -> [UInt8]) -> Never {
    wpgo_stop_noting_interrupts()
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let log = logPath(number).withCString { open($0, flags, 0o600) }
    if log >= 0 { dup2(log, 2) }
    limits.start(timeStatus: Self.exceededTime, memoryStatus: Self.exceededMemory)
    do throws(CompileError) {
      try writeFile(job(number), to: resultPath(number))
      wpgo_exit_child(0)
    } catch {
      // The parent reads the message from the log.
      let message = Array(error.description.utf8)
      write(2, message, message.count)
      wpgo_exit_child(Self.cannotWrite)
    }
  }

  // Exit statuses of a child that could not write its result or exceeded a limit.
  private static let cannotWrite: Int32 = 74
  private static let exceededTime: Int32 = 75
  private static let exceededMemory: Int32 = 76
}
