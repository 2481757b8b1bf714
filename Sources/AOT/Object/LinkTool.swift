import CProcess
import Files
import Glibc

/// A temporary directory. ``remove()`` deletes it with its contents.
struct ScratchDirectory {
  let path: HostString

  init() throws(CompileError) {
    let parent = temporaryDirectory()
    var template = parent.appending("wasm-pgo.XXXXXX").bytes.map { CChar(bitPattern: $0) } + [0]
    guard mkdtemp(&template) != nil else {
      throw .system("\(parent): cannot make a temporary directory: \(systemMessage())")
    }
    path = HostString(bytes: template.dropLast().map { UInt8(bitPattern: $0) })
  }

  func file(_ name: HostString) -> HostString { path.appending(name) }

  func remove() {
    if let directory = path.withCString({ opendir($0) }) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { HostString(cString: $0) }
        }
        if name != "." && name != ".." { removeFile(file(name)) }
      }
      closedir(directory)
    }
    _ = path.withCString { rmdir($0) }
  }
}

/// The message for the current `errno`.
func systemMessage() -> String { String(cString: strerror(errno)) }

/// Reads one of the compiler's own files: every failure is an error of the system.
func readFile(_ path: HostString) throws(CompileError) -> [UInt8] {
  do throws(FileError) { return try Files.readFile(path) } catch {
    throw .system(error.description)
  }
}

func writeFile(_ bytes: [UInt8], to path: HostString) throws(CompileError) {
  do throws(FileError) { try Files.writeFile(bytes, to: path) } catch {
    throw .system(error.description)
  }
}

/// Runs a program and waits for it. Its standard error becomes part of the error.
func run(
  _ program: HostString, _ arguments: [HostString], scratch: ScratchDirectory
) throws(CompileError) {
  let log = scratch.file("stderr.txt")
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  _ = log.withCString {
    posix_spawn_file_actions_addopen(&actions, 2, $0, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  }
  posix_spawn_file_actions_adddup2(&actions, 2, 1)
  func copy(_ text: HostString) -> UnsafeMutablePointer<CChar>? { text.withCString { strdup($0) } }
  let argv = ([program] + arguments).map(copy) + [nil]
  // A fixed locale and environment make messages and output reproducible.
  let path = getenv("PATH").map { HostString(cString: $0) } ?? "/usr/bin:/bin"
  let environment = [copy("PATH=" + path), copy("LC_ALL=C"), copy("SOURCE_DATE_EPOCH=0"), nil]
  defer { for string in argv + environment { free(string) } }
  var child: pid_t = 0
  let status = program.withCString {
    posix_spawnp(&child, $0, &actions, nil, argv, environment)
  }
  guard status == 0 else {
    throw .missingTool("\(program)", "\(String(cString: strerror(status)))")
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

/// Waits for a child. Kills it if this process is asked to terminate.
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

/// Throws if a signal has asked this process to terminate. Needs `wpgo_note_interrupts` to record such signals.
func checkInterrupt() throws(CompileError) {
  let signal = wpgo_interrupt()
  if signal != 0 { throw .interrupted(signal) }
}
