import CProcess
import Files
import Glibc

/// A directory for intermediate files, removed with all that is in it by ``remove()``.
struct ScratchDirectory {
  let path: String

  init() throws(CompileError) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/wasm-pgo.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw .system("\(parent): cannot make a temporary directory: \(systemMessage())")
    }
    path = String(cString: made)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func remove() {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { unlink(file(name)) }
      }
      closedir(directory)
    }
    rmdir(path)
  }
}

/// Text for the current `errno`.
func systemMessage() -> String { String(cString: strerror(errno)) }

/// Files of the compiler's own: whatever goes wrong with them is the system's fault.
func readFile(_ path: String) throws(CompileError) -> [UInt8] {
  do throws(FileError) { return try Files.readFile(path) } catch {
    throw .system(error.description)
  }
}

func writeFile(_ bytes: [UInt8], to path: String) throws(CompileError) {
  do throws(FileError) { try Files.writeFile(bytes, to: path) } catch {
    throw .system(error.description)
  }
}

/// Runs a program and waits for it; what it writes to standard error goes into the error.
func run(_ program: String, _ arguments: [String], scratch: ScratchDirectory) throws(CompileError) {
  let log = scratch.file("stderr.txt")
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_adddup2(&actions, 2, 1)
  let argv = ([program] + arguments).map { strdup($0) } + [nil]
  // A fixed language keeps messages, and a fixed environment the output, the same everywhere.
  let path = getenv("PATH").map { "PATH=" + String(cString: $0) } ?? "PATH=/usr/bin:/bin"
  let environment = [strdup(path), strdup("LC_ALL=C"), strdup("SOURCE_DATE_EPOCH=0"), nil]
  defer { for string in argv + environment { free(string) } }
  var child: pid_t = 0
  let status = posix_spawnp(&child, program, &actions, nil, argv, environment)
  guard status == 0 else {
    throw .system(
      "cannot run the linker \(program): \(String(cString: strerror(status)))"
        + (status == ENOENT ? " (on Debian: apt-get install binutils)" : ""))
  }
  let result = waitForProcess(child)
  try checkInterrupt()
  guard result == .exited(0) else {
    let text = (try? readFile(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    throw .system("\(program) \(result): \(text)")
  }
}

enum ProcessResult: Equatable, CustomStringConvertible {
  case exited(Int32)
  case signaled(Int32)

  var description: String {
    switch self {
    case .exited(let code): "exited with status \(code)"
    case .signaled(let signal):
      "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}

/// Waits for a child; ends it if this process is to end.
func waitForProcess(_ process: pid_t) -> ProcessResult {
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {
    if wpgo_interrupt() != 0 { kill(process, SIGKILL) }
  }
  return processResult(status)
}

/// Decodes a status of wait(2).
func processResult(_ status: Int32) -> ProcessResult {
  status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
}

/// Fails once a signal asked this process to end, where the process notes such signals (`wpgo_note_interrupts`).
func checkInterrupt() throws(CompileError) {
  let signal = wpgo_interrupt()
  if signal != 0 { throw .interrupted(signal) }
}
