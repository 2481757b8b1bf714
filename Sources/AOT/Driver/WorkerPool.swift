import CProcess
import Contract
import Files
import Glibc

/// Runs jobs in processes of their own, each a fork of this one, so that what LLVM does to a process on an internal
/// error (it aborts) does not end the parent. A fork needs no second decoding of the module and no second planning.
struct WorkerPool {
  /// Jobs at a time.
  var limit: Int
  var limits = WorkerLimits()
  var scratch: ScratchDirectory

  /// Forking is safe with a single thread only: others may hold locks that the child then waits for.
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
  ///   - order: job numbers in the order to start them.
  ///   - progress: told after each job: how many are done, of how many.
  ///   - job: runs in the child; gives the bytes that the parent gets.
  /// - Returns: by job number.
  /// - Throws: what has nothing to do with the job itself.
  func run(
    _ order: [Int], progress: ((Int, Int) -> Void)? = nil, job: (Int) -> [UInt8]
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

  /// What became of a job.
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
      // Nobody asks a worker alone to end but by mistake.
      throw .system("a worker \(result)")
    case .exited, .signaled:
      return .failed(BaselineReason(.codeGeneratorFailed, Self.fatalError(log) ?? "it \(result)"))
    }
  }

  /// LLVM's last words. What else a crash writes has addresses in it, and artefacts are to be the same each time.
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
      // The parent reads it in the log.
      let message = Array(error.description.utf8)
      write(2, message, message.count)
      wpgo_exit_child(Self.cannotWrite)
    }
  }

  // Exit statuses of a child: its result does not get into its file; it met a limit.
  private static let cannotWrite: Int32 = 74
  private static let exceededTime: Int32 = 75
  private static let exceededMemory: Int32 = 76
}
