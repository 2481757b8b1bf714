import CProcess
import Files
import Glibc

/// Runs jobs in processes of their own, each a fork of this one, so that what LLVM does to a process on an internal
/// error (it aborts) reaches the parent as an error. A fork needs no second decoding of the module and no second planning.
struct WorkerPool {
  var limit: Int
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
  ///   - describe: names a job in errors.
  ///   - progress: told after each job: how many are done, of how many.
  ///   - job: runs in the child; gives the bytes that the parent gets.
  /// - Returns: by job number.
  func run(
    _ order: [Int], describe: (Int) -> String, progress: ((Int, Int) -> Void)? = nil,
    job: (Int) -> [UInt8]
  ) throws(CompileError) -> [Int: [UInt8]] {
    var waiting = order[...]
    var running: [pid_t: Int] = [:]
    var results: [Int: [UInt8]] = [:]
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
      let log = (try? readFile(logPath(number))) ?? []
      let result = processResult(status)
      guard result == .exited(0) else {
        stopAll()
        let text = String(decoding: log.prefix(2000), as: UTF8.self)
        if result == .exited(Self.cannotWrite) {
          throw .system(text.isEmpty ? "\(scratch.path): cannot write intermediate files" : text)
        }
        throw .llvm(
          "\(describe(number)): the compiler \(result)" + (text.isEmpty ? "" : ": " + text))
      }
      if !log.isEmpty { write(2, log, log.count) }
      do throws(CompileError) {
        results[number] = try readFile(resultPath(number))
        progress?(results.count, order.count)
      } catch {
        stopAll()
        throw error
      }
    }
    return results
  }

  private func logPath(_ number: Int) -> HostString { scratch.file("worker\(number).log") }
  private func resultPath(_ number: Int) -> HostString { scratch.file("worker\(number).out") }

  private func child(_ number: Int, _ job: (Int) -> [UInt8]) -> Never {
    wpgo_stop_noting_interrupts()
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let log = logPath(number).withCString { open($0, flags, 0o600) }
    if log >= 0 { dup2(log, 2) }
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

  /// Exit status of a child whose result does not get into its file.
  private static let cannotWrite: Int32 = 74
}
