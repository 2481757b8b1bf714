import Foundation

/// One of the executables that are beside the test bundle, run as a user runs it.
public struct Command {
  public enum Program: String {
    case main = "wasm-pgo"
    case compiler = "wasm-pgo-compile"
    case deoptBenchmark = "wasm-pgo-deopt-bench"
    case fuzzer = "wasm-pgo-fuzz"
    case readers = "wasm-pgo-fuzz-readers"
    case tiers = "wasm-pgo-diff"
    case shell = "/bin/sh"

    /// Ours are beside this process's own executable.
    public var path: String {
      guard self != .shell else { return rawValue }
      return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: rawValue).path
    }
  }

  /// How a process ended, and what it wrote.
  public struct Outcome: Sendable {
    /// An exit code, or 128 and the number of the signal that ended it, as shells have it.
    public var status: Int32
    public var output: String
    public var errors: String
    /// Whether it used more time than its patience.
    public var isTimeout = false
  }

  /// Where the command runs; relative paths count from here.
  public var directory: URL
  /// Kept as long as the command is.
  public var folder: TemporaryFolder?
  /// Changes to this process's own environment; nil: not there.
  public var environment: [String: String?] = [:]
  /// What takes the standard output, if that is not to be read.
  public var standardOutput: String?
  /// Seconds of processor time after which it is ended, and each of its own processes. Nothing that a test does takes so much.
  public var patience = 120

  public init(directory: URL, folder: TemporaryFolder? = nil) {
    self.directory = directory
    self.folder = folder
  }

  @discardableResult
  public func run(_ arguments: [String], program: Program = .main) throws -> Outcome {
    try start(arguments, program: program).wait()
  }

  /// As above, with the arguments separated by spaces.
  @discardableResult
  public func callAsFunction(_ line: String) throws -> Outcome {
    try run(line.split(separator: " ").map(String.init))
  }

  /// A shell's script, in which `$pgo` is the executable.
  public func shell(_ script: String) throws -> Outcome {
    var command = self
    command.environment["pgo"] = Program.main.path
    return try command.run(["-c", script], program: .shell)
  }

  public func start(_ arguments: [String], program: Program = .main) throws -> RunningCommand {
    var variables: [String: String] = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    return try RunningCommand(
      [program.path] + arguments, directory: directory.path,
      environment: variables.map { "\($0.key)=\($0.value)" }, standardOutput: standardOutput,
      patience: patience)
  }
}

/// A process under way, whose output goes to files, so that no pipe can fill up.
public final class RunningCommand {
  private let files: TemporaryFolder
  private let process: pid_t
  private var status: Int32?
  fileprivate init(
    _ arguments: [String], directory: String, environment: [String], standardOutput: String?,
    patience: Int
  ) throws {
    files = try TemporaryFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let output = standardOutput ?? files.url("stdout").path
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
    let errors = files.url("stderr").path
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
    // The threads of tests block signals, which a child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGXCPU] {
      sigaddset(&signals, number)
    }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    // A shell changes the directory and becomes the program.
    let script = "ulimit -S -t \(patience) && cd \"$0\" && exec \"$@\""
    let shell = ["/bin/sh", "-c", script, directory] + arguments
    let argv = shell.map { strdup($0) } + [nil]
    let envp = environment.map { strdup($0) } + [nil]
    defer { for string in argv + envp { free(string) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, shell[0], &actions, &attributes, argv, envp)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    self.process = process
  }

  deinit { end() }

  public func signal(_ number: Int32) { if isRunning { kill(process, number) } }

  public var isRunning: Bool {
    guard status == nil else { return false }
    var found: Int32 = 0
    if waitpid(process, &found, WNOHANG) == process { status = found }
    return status == nil
  }

  /// Returns when the process has ended. One that waits for what never comes is ended.
  public func wait() throws -> Command.Outcome {
    let isHanging = !waitUntil { !isRunning }
    end()
    let status = status ?? 0
    return Command.Outcome(
      status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F),
      output: text("stdout"), errors: text("stderr"),
      isTimeout: isHanging || status & 0x7F == SIGXCPU)
  }

  private func end() {
    guard isRunning else { return }
    kill(process, SIGKILL)
    var found: Int32 = 0
    if waitpid(process, &found, 0) == process { status = found }
  }

  private func text(_ name: String) -> String {
    (try? Data(contentsOf: files.url(name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

extension TemporaryFolder {
  public var command: Command { Command(directory: root, folder: self) }
}
