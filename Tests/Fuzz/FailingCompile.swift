import AOT
import ArgumentParser
import CommandLineSupport
import Contract
import Feedback
import Files
import Glibc
import Speculation
import Wasm

/// Compiles a module while the compiler fails on some functions in a way that it does by itself only for causes nobody can order.
struct FailingCompile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile-failing",
    abstract: "Compile a module, failing at some functions; prints those that become baseline code."
  )

  /// What happens in the process that compiles one of the functions.
  enum Failure: String, CaseIterable, ExpressibleByArgument {
    /// An assertion of LLVM, or a fatal error.
    case abort
    /// A stack overflow, or a bad pointer.
    case fault
    /// LLVM's last words, and an exit status.
    case fatalError
    case endless
    case memory

    func happen() {
      switch self {
      case .abort: Glibc.abort()
      case .fault:
        // As for a bad pointer, with no handler of this process's own.
        signal(SIGSEGV, SIG_DFL)
        raise(SIGSEGV)
      case .fatalError:
        Terminal.write("LLVM ERROR: planted\u{1B}[2J\n")
        _exit(1)
      case .endless: while true { _ = getppid() }
      case .memory:
        while true {
          let size = 1 << 20
          // Touched, so that it is really there; of malloc's the optimizer knows that nobody reads it.
          memset(
            mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, size)
        }
      }
    }
  }

  @Argument var module: HostString
  @Option(help: "The artefact.") var output: HostString
  @Option var profile: HostString?
  @Option var failure: Failure
  @Option(parsing: .upToNextOption, help: "Indices.") var functions: [Int]
  @Option var jobs = 2
  @Option var cache: HostString?
  @Flag(help: "In the steps of a build for ninja.") var steps = false

  func run() throws {
    let module = try loadModule(self.module)
    let profile = try MatchedProfile([profile].compactMap(\.self), for: module).profile
    var options = CompilerOptions(jobs: jobs)
    // Each far from what the other failures take.
    options.limits.time = .seconds(failure == .endless ? 1 : 60)
    options.limits.memory = 64 << 20
    if let cache {
      options.cache = try PartitionCache(directory: cache)
      options.cacheReport = { try? printOutput("cached \($0) of \($1)\n") }
    }
    options.willCompile = { [failure, functions] compiled in
      if !Set(functions).isDisjoint(with: compiled) { failure.happen() }
    }
    options.baselineReport = { try? printOutput("f\($0.function): \($0.reason)\n") }
    let compilation = Compilation(
      module,
      plan: Planner.plan(module: module, profile: profile, options: .thorough).inTiers(level: 1),
      profile: profile,
      options: options)
    let bytes = try steps ? inSteps(compilation) : compilation.artefact()
    try replaceFile(output, with: bytes)
  }

  private func inSteps(_ compilation: Compilation) throws -> [UInt8] {
    let count = compilation.partitionCount
    return try compilation.link(files: (0..<count).map { try compilation.partitionFile($0) })
  }
}
