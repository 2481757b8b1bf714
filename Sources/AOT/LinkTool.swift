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

func readFile(_ path: String) throws(CompileError) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw .system("\(path): \(systemMessage())") }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw .system("\(path): \(systemMessage())") }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: max(4096, Int(status.st_size) + 1))
  while true {
    let count = read(file, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw .system("\(path): \(systemMessage())") }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// - Parameter mode: permissions of a file that is made.
func writeFile(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(CompileError) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
  guard file >= 0 else { throw .system("\(path): \(systemMessage())") }
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { write(file, $0.baseAddress! + done, $0.count - done) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      let message = systemMessage()
      close(file)
      throw .system("\(path): \(message)")
    }
    done += count
  }
  guard close(file) == 0 else { throw .system("\(path): \(systemMessage())") }
}

/// Writes a file so that it appears whole or not at all.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(CompileError) {
  let temporary = "\(path).\(getpid()).tmp"
  do throws(CompileError) {
    try writeFile(bytes, to: temporary, mode: 0o666)
    guard rename(temporary, path) == 0 else { throw .system("\(path): \(systemMessage())") }
  } catch {
    unlink(temporary)
    throw error
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

func waitForProcess(_ process: pid_t) -> ProcessResult {
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return processResult(status)
}

/// Decodes a status of wait(2).
func processResult(_ status: Int32) -> ProcessResult {
  status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
}
