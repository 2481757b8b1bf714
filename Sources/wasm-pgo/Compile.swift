import ArgumentParser
import CommandLineSupport
import Files
import Glibc

/// `wasm-pgo compile …` is `wasm-pgo-compile …`, as git runs its subcommands: only the compiler links LLVM.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    _superCommandName: WasmPGO.name,
    abstract: "Compile a module to an ELF object, with what its profile showed.")

  static let program = "wasm-pgo-compile"

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []

  func run() throws {
    let argv = ([Self.program] + arguments).map { strdup($0) } + [nil]
    defer { for string in argv { free(string) } }
    // Beside this program first, so that both are of one version.
    if let directory = Self.ownDirectory() { execv("\(directory)/\(Self.program)", argv) }
    execvp(Self.program, argv)
    throw Diagnostic(
      "cannot run \(Self.program): \(String(cString: strerror(errno)))",
      help: "put \(Self.program) beside wasm-pgo or on the PATH", status: .internalError)
  }

  /// Runs the compiler and waits for it. What it says goes to standard error.
  /// - Throws: its exit code, if that is not 0.
  static func spawn(_ arguments: [String]) throws {
    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for string in argv { free(string) } }
    var child: pid_t = 0
    let own = ownDirectory().map { "\($0)/\(program)" } ?? program
    guard
      posix_spawn(&child, own, nil, nil, argv, environ) == 0
        || posix_spawnp(&child, program, nil, nil, argv, environ) == 0
    else {
      throw Diagnostic(
        "cannot run \(program)", help: "put \(program) beside wasm-pgo or on the PATH",
        status: .internalError)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else {
      throw ExitCode(status & 0x7F == 0 ? status >> 8 & 0xFF : ExitStatus.internalError.rawValue)
    }
  }

  private static func ownDirectory() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
    guard count > 0 else { return nil }
    let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) }
  }
}
